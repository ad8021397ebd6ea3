//! A one-time code as it is shown to the person it is for: a link, ten characters to type, and a QR
//! code for the phone's camera.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use kokoni_model::ids::{OrganisationId, PersonId};
use kokoni_model::label::Host;
use kokoni_server::config::PublicUrl;
use kokoni_server::ports::{Clock, SystemClock, SystemRandomness};
use kokoni_server::setup::{EnrolmentCode, enrolment_code};
use kokoni_server::store::Store;
use qrcode::render::unicode::Dense1x2;
use serde::Serialize;

use crate::output;

/// What is shown, and printed with `--json`.
#[derive(Serialize)]
pub(crate) struct Invitation {
    /// For a phone.
    pub(crate) link: String,
    /// For a browser.
    pub(crate) sign_in: String,
    /// For typing.
    pub(crate) typed: String,
    /// When it ends, microseconds UTC.
    pub(crate) expires_us: i64,
}

impl Invitation {
    /// Makes a code; `url` is how the person reaches the server, by default HTTPS at the label host.
    pub(crate) fn make(
        store: &Store,
        organisation: OrganisationId,
        person: PersonId,
        host: &Host,
        url: Option<&PublicUrl>,
    ) -> Result<Self> {
        let mut random = SystemRandomness::new();
        let code = enrolment_code(store, organisation, person, SystemClock.now(), &mut random)?;
        let base = url.map_or_else(|| format!("https://{host}"), ToString::to_string);
        Ok(Self::of(&code, &base))
    }

    fn of(code: &EnrolmentCode, base: &str) -> Self {
        Self {
            link: format!("{base}/enrol#{}", code.link),
            sign_in: format!("{base}/sign-in#{}", code.link),
            typed: code.typed.clone(),
            expires_us: code.expires.as_micros(),
        }
    }

    /// For people.
    pub(crate) fn print(&self) -> Result<()> {
        output::print(&self.qr()?)?;
        output::print(&format!("Link for the app:   {}", self.link))?;
        output::print(&format!("Link for a browser: {}", self.sign_in))?;
        output::print(&format!("To type:            {}", self.typed))?;
        output::print("Good for one device, for 15 minutes.")
    }

    /// Two modules a character. On a terminal black on white, whatever its colours; elsewhere as for
    /// light text on a dark ground.
    fn qr(&self) -> Result<String> {
        let code = qrcode::QrCode::new(self.link.as_bytes()).context("the link is too long")?;
        let mut renderer = code.render::<Dense1x2>();
        if !std::io::stdout().is_terminal() {
            renderer
                .dark_color(Dense1x2::Light)
                .light_color(Dense1x2::Dark);
            return Ok(renderer.build());
        }
        let drawn = renderer.build();
        let lines = drawn
            .lines()
            .map(|line| format!("\x1b[30;107m{line}\x1b[0m"));
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }
}
