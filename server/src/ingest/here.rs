//! A scan made on the server for a browser: a browser has no queue of its own, so the server keeps
//! one for it. The event is numbered and sealed inside the transaction and then goes the way of
//! every other.

use kokoni_model::clock::{ClockReading, Timestamp};
use kokoni_model::event::{Act, EVENT_VERSION, Epoch, Event, Meaning, SealedEvent, Via};
use kokoni_model::ids::{BootId, EventId};
use kokoni_model::label::LabelId;

use super::batch::{Batch, Content, Incoming};
use super::memory::Remembered;
use super::rows::Queue;
use crate::auth::Caller;
use crate::organisation::Organisation;
use crate::store::{StoreError, Tx};

/// A scan confirmed in a browser.
pub(super) struct Here {
    pub(super) caller: Caller,
    pub(super) label: LabelId,
    pub(super) meaning: Meaning,
    pub(super) id: EventId,
    pub(super) at: Timestamp,
}

impl Here {
    /// The batch of one event that this scan is; `None` when the browser has been signed out.
    pub(super) fn batch(
        &self,
        tx: &Tx<'_>,
        organisation: &Organisation,
        remembered: &mut Remembered,
    ) -> Result<Option<Batch>, StoreError> {
        let device = self.caller.device;
        // One life: what the server keeps is not lost with the browser.
        let epoch = Epoch::from_bits(device.as_uuid().as_u64_pair().1);
        let queue = Queue {
            organisation: self.caller.organisation,
            device,
            epoch,
        };
        let Some(sender) = remembered.sender(tx, queue)? else {
            return Ok(None);
        };
        let zone = organisation.calendar.zone;
        let offset_s = self
            .at
            .to_utc()
            .map_or(0, |utc| zone.local(utc).offset().local_minus_utc());
        let clock = ClockReading {
            wall_us: self.at,
            offset_min: i16::try_from(offset_s / 60).unwrap_or(0),
            mono_ms: 0,
            boot: BootId::from_uuid(*device.as_uuid()),
        };
        let event = Event {
            v: EVENT_VERSION,
            id: self.id,
            epoch,
            seq: sender.standing.held_through.saturating_add(1),
            clock,
            act: Act::Scan {
                label: self.label,
                meaning: self.meaning.clone(),
                via: Via::Browser,
            },
            replaces: None,
        };
        let sealed = SealedEvent::seal(event).map_err(|_| StoreError::Damaged)?;
        let incoming = Incoming {
            named_seq: sealed.event().seq,
            seq: Some(sealed.event().seq),
            hash: sealed.hash(),
            raw: Some(sealed.text().into()),
            content: Content::Event(Box::new(sealed.event().clone())),
        };
        Ok(Some(Batch {
            caller: self.caller,
            epoch,
            clock,
            received: self.at,
            lost_before: None,
            events: vec![incoming],
        }))
    }
}
