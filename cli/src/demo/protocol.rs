//! What the demo tells a simulated phone to do, and what the phone answers. A phone in a process of
//! its own takes commands as JSON lines on its standard input and answers on its standard output;
//! it does nothing between an answer and the next command, so the next command is the witness's
//! acknowledgement of what was said.

use kokoni_model::event::{Epoch, Meaning, Via};
use kokoni_model::ids::{DeviceId, EventId};
use kokoni_model::label::LabelId;
use serde::{Deserialize, Serialize};

/// What a phone is told to do.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub(super) enum Command {
    /// Enrol with a one-time code, then fetch directory and catalogue.
    Enrol { link: String },
    /// Hold the camera over this label until it is read, or type what stands under it.
    Look { label: LabelId, shots: u64 },
    /// Save the scan.
    Record {
        label: LabelId,
        meaning: Meaning,
        via: Via,
    },
    /// Send what waits and fetch what is new.
    Sync,
    /// Say what waits to be sent.
    Recall,
}

/// What a phone answers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(super) enum Answer {
    /// The engine is open.
    Ready,
    Enrolled {
        device: DeviceId,
    },
    Looked(Look),
    Saved(SavedRecord),
    Synced(Synced),
    Recalled {
        waiting: Vec<WaitingScan>,
    },
    /// The engine refused; its own words.
    Failed {
        why: String,
    },
}

/// How a look at a label went.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Look {
    pub(super) frames_shown: usize,
    pub(super) frames_read: usize,
    /// Frames that were read as another label than the one shown.
    pub(super) misread: usize,
    /// From frame to reading, for the frame that was read first.
    pub(super) reading_ms: Option<f64>,
    /// Typed when no frame was read.
    pub(super) via: Via,
    /// What the scan would mean, where it can be recorded.
    pub(super) proposed: Option<Meaning>,
}

/// The phone said "saved".
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct SavedRecord {
    pub(super) id: EventId,
    pub(super) epoch: Epoch,
    pub(super) seq: u64,
    /// From the tap to "saved".
    pub(super) saving_ms: f64,
}

/// How a sync ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Synced {
    /// Whether everything was asked and answered.
    pub(super) done: bool,
    /// How it ended, by its code.
    pub(super) outcome: String,
    pub(super) duplicate: u64,
    pub(super) waiting: u64,
}

/// A scan that waits on the phone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct WaitingScan {
    pub(super) id: EventId,
    pub(super) epoch: Epoch,
    pub(super) seq: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_over_the_pipe_comes_out_the_same() {
        let commands = [
            Command::Look {
                label: LabelId::from_bytes([1; 10]),
                shots: u64::MAX,
            },
            Command::Record {
                label: LabelId::from_bytes([1; 10]),
                meaning: Meaning::EndTelework,
                via: Via::Typed,
            },
            Command::Sync,
        ];
        for command in commands {
            let line = serde_json::to_string(&command).expect("written");
            assert!(!line.contains('\n'));
            assert_eq!(
                serde_json::from_str::<Command>(&line).expect("read"),
                command
            );
        }
    }

    #[test]
    fn an_answer_looks_like_this() {
        let answer = Answer::Looked(Look {
            frames_shown: 2,
            frames_read: 1,
            misread: 0,
            reading_ms: Some(1.5),
            via: Via::Camera,
            proposed: Some(Meaning::Sit),
        });
        insta::assert_json_snapshot!(answer, @r#"
        {
          "answer": "looked",
          "frames_shown": 2,
          "frames_read": 1,
          "misread": 0,
          "reading_ms": 1.5,
          "via": "camera",
          "proposed": "sit"
        }
        "#);
    }
}
