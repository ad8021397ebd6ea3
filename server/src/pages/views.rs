//! The pages as typed templates: what each shows, ready to be written. The page of a floor has a
//! room of its own.

use askama::Template;
use kokoni_model::ids::FloorId;

use super::frame::Frame;

/// The first page: sites and their floors.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    pub(crate) frame: Frame,
    pub(crate) me: Option<Whereabouts>,
    pub(crate) sites: Vec<SiteView>,
}

/// Where somebody is, in words.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Whereabouts {
    /// The style of the sign.
    pub(crate) class: &'static str,
    pub(crate) state: &'static str,
    /// The floor and name of the place.
    pub(crate) place: Option<String>,
    pub(crate) since: Option<String>,
    /// Leads to the seat.
    pub(crate) href: Option<String>,
}

/// A site on the first page.
pub(crate) struct SiteView {
    pub(crate) name: String,
    pub(crate) floors: Vec<FloorView>,
}

/// A floor on the first page.
pub(crate) struct FloorView {
    pub(crate) id: FloorId,
    pub(crate) name: String,
    pub(crate) free_words: String,
    pub(crate) total_words: String,
    pub(crate) taken_percent: usize,
}

/// People found.
#[derive(Template)]
#[template(path = "people.html")]
pub(crate) struct PeoplePage {
    pub(crate) frame: Frame,
    /// How many were found, in words.
    pub(crate) summary: String,
    pub(crate) people: Vec<FoundView>,
    pub(crate) more: bool,
}

/// One person found.
pub(crate) struct FoundView {
    pub(crate) name: String,
    pub(crate) kana: String,
    pub(crate) section: String,
    pub(crate) extension: Option<String>,
    pub(crate) class: &'static str,
    pub(crate) state: &'static str,
    pub(crate) place: Option<String>,
    pub(crate) since: Option<String>,
    pub(crate) href: Option<String>,
    /// What the link says to a screen reader.
    pub(crate) link_words: String,
}

/// What can be borrowed.
#[derive(Template)]
#[template(path = "items.html")]
pub(crate) struct ItemsPage {
    pub(crate) frame: Frame,
    pub(crate) summary: String,
    pub(crate) lockers: Vec<LockerView>,
}

/// A locker and what is kept in it.
pub(crate) struct LockerView {
    pub(crate) name: String,
    /// Site and floor.
    pub(crate) place_line: String,
    pub(crate) items: Vec<ItemLine>,
}

/// One item.
pub(crate) struct ItemLine {
    pub(crate) name: String,
    pub(crate) class: &'static str,
    pub(crate) state: &'static str,
    pub(crate) borrower: Option<String>,
    /// Until when it is lent, where there is a limit.
    pub(crate) due: Option<String>,
}

/// The form that signs a browser in.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) frame: Frame,
    /// Where to go afterwards.
    pub(crate) next: String,
    /// Why the last try failed; empty at first.
    pub(crate) problem: &'static str,
}

/// After signing out.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(crate) struct SignedOutPage {
    pub(crate) frame: Frame,
}

/// Explains the app to somebody whose enrolment link was opened in a browser.
#[derive(Template)]
#[template(path = "enrol.html")]
pub(crate) struct EnrolPage {
    pub(crate) frame: Frame,
}

/// What a label stands for, and what its scan would mean now.
#[derive(Template)]
#[template(path = "label.html")]
pub(crate) struct LabelPage {
    pub(crate) frame: Frame,
    /// Where the button leads.
    pub(crate) address: String,
    pub(crate) title: String,
    /// Site and floor.
    pub(crate) place_line: String,
    /// What was just recorded.
    pub(crate) done: &'static str,
    /// Why it was not.
    pub(crate) problem: String,
    /// What is to be known before.
    pub(crate) remark: String,
    pub(crate) act: Option<Act>,
    /// Leads to the place on the map.
    pub(crate) map: Option<String>,
    /// Another way on, and its words.
    pub(crate) list: &'static str,
    pub(crate) list_words: &'static str,
}

/// The one button of a label's page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Act {
    /// The meaning, as events write it.
    pub(crate) meaning: String,
    pub(crate) words: &'static str,
}

/// What everybody sees who may not know what a label stands for.
#[derive(Template)]
#[template(path = "label_closed.html")]
pub(crate) struct LabelClosedPage {
    pub(crate) frame: Frame,
}

/// What went wrong.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    pub(crate) frame: Frame,
    pub(crate) title: &'static str,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
}
