//! Whose phone this is: enrolment by link, by typed code, by managed configuration; and leaving.

use std::collections::HashMap;

use kokoni_client::show::ManagedSettings;
use kokoni_client::{CallOptions, EnrolledIdentity, Invitation};

use crate::error::{InputProblem, KokoniError, guarded, input};
use crate::kokoni::Kokoni;
use crate::limits::{CallLimits, limited};

/// Whose phone this is.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Enrolment {
    /// The organisation's id.
    pub organisation: String,
    /// Its name.
    pub organisation_name: String,
    /// The person's id.
    pub person: String,
    /// Their display name.
    pub person_name: String,
    /// This device's id.
    pub device: String,
    /// The server's address.
    pub server: String,
    /// The public name in this organisation's labels.
    pub label_host: String,
}

/// What came of a managed configuration.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Configured {
    /// Whether [`Kokoni::enrol_managed`] would do something.
    pub can_enrol: bool,
    /// Whether it takes effect only once the app is opened anew: the certificates are others.
    pub restart_needed: bool,
    /// What to report back to whoever manages the device.
    pub feedback: Vec<SettingFeedback>,
}

/// What is said of one key of the managed configuration.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SettingFeedback {
    /// The key.
    pub key: String,
    /// Whether its value cannot be used.
    pub problem: bool,
    /// What is said of it.
    pub text: String,
}

#[uniffi::export]
impl Kokoni {
    /// Whose phone this is; none before enrolment.
    pub fn enrolment(&self) -> Result<Option<Enrolment>, KokoniError> {
        guarded(|| Ok(self.core.engine.identity()?.map(Enrolment::from)))
    }

    /// What a person reads before an enrolment by link: where it leads, and what of this phone's
    /// would be lost. Asks no server.
    pub fn enrol_question(&self, link: String) -> Result<String, KokoniError> {
        guarded(|| {
            Ok(self
                .core
                .engine
                .enrol_question(&link, self.core.language())?)
        })
    }

    /// Enrols with an invitation's link or QR code, `https://HOST/enrol#CODE`.
    pub fn enrol(&self, link: String, limits: CallLimits) -> Result<Enrolment, KokoniError> {
        limited(
            &limits,
            |_| false,
            |options| self.enrol_by(&Invitation::from_link(&link)?, options),
        )
    }

    /// Enrols with the server's address and a code that a person typed.
    pub fn enrol_typed(
        &self,
        server: String,
        code: String,
        limits: CallLimits,
    ) -> Result<Enrolment, KokoniError> {
        limited(
            &limits,
            |_| false,
            |options| self.enrol_by(&Invitation::typed(&server, &code)?, options),
        )
    }

    /// Takes the managed configuration as it stands now.
    pub fn configure(&self, managed: HashMap<String, String>) -> Result<Configured, KokoniError> {
        guarded(|| {
            let settings = ManagedSettings::read(&managed);
            let identity = self.core.engine.identity()?;
            if let Some(language) = settings.language {
                self.core.set_language(language);
            }
            let feedback = settings.feedback(identity.as_ref(), self.core.language());
            let configured = Configured {
                can_enrol: identity.is_none() && settings.invitation.is_some(),
                restart_needed: settings.root_certificates != self.core.root_certificates,
                feedback: feedback
                    .into_iter()
                    .map(|said| SettingFeedback {
                        key: said.key,
                        problem: said.problem,
                        text: said.text,
                    })
                    .collect(),
            };
            *self.core.managed() = settings;
            Ok(configured)
        })
    }

    /// Enrols with the invitation of the managed configuration.
    pub fn enrol_managed(&self, limits: CallLimits) -> Result<Enrolment, KokoniError> {
        limited(
            &limits,
            |_| false,
            |options| {
                let invitation = self.core.managed().invitation.clone();
                let invitation = invitation.ok_or(input(InputProblem::NotManaged))?;
                self.enrol_by(&invitation, options)
            },
        )
    }

    /// Tells the server that this device is gone, where it can be reached, and forgets everything,
    /// unsent records included: the shell must have asked.
    pub fn sign_out_and_wipe(&self, limits: CallLimits) -> Result<(), KokoniError> {
        limited(
            &limits,
            |()| false,
            |options| Ok(self.core.engine.sign_out_and_wipe(options)?),
        )
    }
}

impl Kokoni {
    fn enrol_by(
        &self,
        invitation: &Invitation,
        options: &CallOptions,
    ) -> Result<Enrolment, KokoniError> {
        let managed_name = self.core.managed().device_name.clone();
        let name = managed_name.as_ref().unwrap_or(&self.core.device_name);
        let platform = self.core.platform.into();
        let identity = self
            .core
            .engine
            .enrol(invitation, name, platform, options)?;
        Ok(identity.into())
    }
}

impl From<EnrolledIdentity> for Enrolment {
    fn from(identity: EnrolledIdentity) -> Self {
        Self {
            organisation: identity.organisation.to_string(),
            organisation_name: identity.organisation_name,
            person: identity.person.to_string(),
            person_name: identity.person_name,
            device: identity.device.to_string(),
            server: identity.server.to_string(),
            label_host: identity.label_host.to_string(),
        }
    }
}
