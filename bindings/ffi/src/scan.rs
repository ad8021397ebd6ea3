//! Scanning: what a label means now, saved with at most one tap, and taken back.

use kokoni_client::show;
use kokoni_model::ids::EventId;
use kokoni_model::label::LabelId;

use crate::choices::{ScanMeaning, Via};
use crate::error::{InputProblem, KokoniError, guarded, input};
use crate::kokoni::Kokoni;
use crate::records::ScanCard;

/// A label's code while it is being typed.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TypedCode {
    /// The label, once the code is whole and right.
    pub label: Option<String>,
    /// The code so far, in groups of four, as the sticker prints it.
    pub shown: String,
    /// What is wrong, once it can be told.
    pub problem: Option<String>,
    /// Whether the code is whole and right.
    pub complete: bool,
}

/// Where an opened link leads.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Route {
    /// To a label of this organisation: [`Kokoni::scan`] it, via [`Via::Link`].
    Label {
        /// Which.
        label: String,
    },
    /// To an invitation: [`Kokoni::enrol`].
    Enrol {
        /// The link.
        link: String,
    },
    /// To the sign-in of the web pages: for the browser.
    SignIn {
        /// The link.
        link: String,
    },
    /// To a label of somebody else.
    OtherOrganisation {
        /// Its host.
        host: String,
    },
    /// Nowhere that the app knows.
    Unknown,
}

#[uniffi::export]
impl Kokoni {
    /// Takes a scan: saves what needs no tap, and says what happened or what there is to decide.
    pub fn scan(&self, label: String, via: Via) -> Result<ScanCard, KokoniError> {
        guarded(|| {
            let label = label_id(&label)?;
            let card = self
                .core
                .engine
                .scan(label, via.into(), self.core.language())?;
            Ok(card.into())
        })
    }

    /// What a scan would do now; saves nothing.
    pub fn preview(&self, label: String) -> Result<ScanCard, KokoniError> {
        guarded(|| {
            let label = label_id(&label)?;
            let card = self.core.engine.preview_card(label, self.core.language())?;
            Ok(card.into())
        })
    }

    /// Saves what the person was shown and tapped; where it would mean something else by now, that
    /// is shown instead and nothing is saved.
    pub fn confirm(
        &self,
        label: String,
        meaning: ScanMeaning,
        via: Via,
    ) -> Result<ScanCard, KokoniError> {
        guarded(|| {
            let (label, language) = (label_id(&label)?, self.core.language());
            let engine = &self.core.engine;
            let card = engine.confirm(label, &meaning.into(), via.into(), language)?;
            Ok(card.into())
        })
    }

    /// Takes a scan back, as long as its card offers it.
    pub fn undo(&self, record: String) -> Result<ScanCard, KokoniError> {
        guarded(|| {
            let record = record_id(&record)?;
            Ok(self.core.engine.undo(record, self.core.language())?.into())
        })
    }

    /// Sends a refused record once more.
    pub fn resend(&self, record: String) -> Result<ScanCard, KokoniError> {
        guarded(|| {
            let record = record_id(&record)?;
            let card = self.core.engine.resend_card(record, self.core.language())?;
            Ok(card.into())
        })
    }

    /// Takes a refused record off the list: the person has understood.
    pub fn dismiss(&self, record: String) -> Result<(), KokoniError> {
        guarded(|| {
            let record = record_id(&record)?;
            let refused = self.core.engine.rejected()?;
            if !refused.iter().any(|refused| refused.record.id == record) {
                return Err(KokoniError::NoSuchRecord);
            }
            self.core.engine.withdraw(record)?;
            Ok(())
        })
    }

    /// Names a foreign code.
    pub fn foreign_card(&self, text: String) -> ScanCard {
        show::ScanCard::foreign(&text, self.core.language()).into()
    }

    /// Judges a label's code while it is being typed.
    pub fn typed_code(&self, text: String) -> TypedCode {
        let typed = show::typed_code(&text, self.core.language());
        TypedCode {
            complete: typed.label.is_some(),
            label: typed.label.map(|label| label.to_string()),
            shown: typed.shown,
            problem: typed.problem,
        }
    }

    /// Where an opened link leads on this phone.
    pub fn route_link(&self, link: String) -> Result<Route, KokoniError> {
        guarded(|| {
            Ok(match self.core.engine.route(&link)? {
                show::Route::Label(label) => Route::Label {
                    label: label.to_string(),
                },
                show::Route::Enrol(link) => Route::Enrol { link },
                show::Route::SignIn(link) => Route::SignIn { link },
                show::Route::OtherOrganisation { host } => Route::OtherOrganisation { host },
                show::Route::Unknown => Route::Unknown,
            })
        })
    }
}

fn label_id(label: &str) -> Result<LabelId, KokoniError> {
    LabelId::parse_exact(label).map_err(|_| input(InputProblem::Label))
}

fn record_id(record: &str) -> Result<EventId, KokoniError> {
    record.parse().map_err(|_| input(InputProblem::Record))
}
