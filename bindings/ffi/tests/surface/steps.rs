//! What each verb of the conformance scripts does. The same table stands in Kotlin and in Swift.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use kokoni_ffi::testing::{
    TestingServer, testing_cancelled_calls, testing_clock, testing_label_frame, testing_labels,
    testing_panic,
};
use kokoni_ffi::{
    CallLimits, CancelHandle, Enrolment, FrameReader, Kokoni, KokoniError, ReaderConfig, Route,
    ScanCard, ScanMeaning, Via,
};
use serde_json::{Map, Value, json};

use crate::shell::{Counting, Manner, SOON, cancellable, limits, open, wait_until};
use crate::world::{Phone, Stage, World};

/// One frame of a camera preview.
const BUDGET: Duration = Duration::from_millis(33);

/// A step's arguments, with kept values put in; knows which were asked for.
pub(crate) struct Step {
    members: Map<String, Value>,
    used: RefCell<HashSet<String>>,
}

impl Step {
    pub(crate) fn new(members: Map<String, Value>, kept: &HashMap<String, String>) -> Self {
        let fill = |value: Value| match value.as_str().and_then(|text| text.strip_prefix('$')) {
            Some(name) => Value::from(kept[name].clone()),
            None => value,
        };
        Self {
            members: members
                .into_iter()
                .map(|(key, value)| (key, fill(value)))
                .collect(),
            used: RefCell::default(),
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.used.borrow_mut().insert(key.to_owned());
        self.members.get(key)
    }

    fn text(&self, key: &str) -> String {
        let value = self.get(key).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no text {key}")).to_owned()
    }

    fn number(&self, key: &str) -> u64 {
        let value = self.get(key).and_then(Value::as_u64);
        value.unwrap_or_else(|| panic!("no number {key}"))
    }

    pub(crate) fn unused(&self) -> Vec<&String> {
        let used = self.used.borrow();
        let names = self.members.keys();
        names.filter(|name| !used.contains(*name)).collect()
    }

    pub(crate) fn all_used(&self) -> bool {
        self.unused().is_empty()
    }
}

/// What a step gives.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) result: Map<String, Value>,
    pub(crate) keep: Option<String>,
}

fn answer(result: Value) -> Answer {
    match result {
        Value::Object(result) => Answer { result, keep: None },
        other => panic!("{other} is no object"),
    }
}

/// `NotEnrolled`, `Input.Frame`.
pub(crate) fn error_name(error: &KokoniError) -> String {
    let shown = format!("{error:?}");
    match error {
        KokoniError::Input { problem } => format!("Input.{problem:?}"),
        _ => shown
            .split([' ', '{'])
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

pub(crate) fn perform(
    world: &mut World,
    stage: &mut Stage,
    step: &Step,
) -> Result<Answer, KokoniError> {
    let verb = step.text("do");
    match verb.as_str() {
        "stop_server" => world.stop(),
        "start_server" => world.start(),
        "panic" => testing_panic()?,
        "frame" => return frame(step),
        "cycles" => cycles(step)?,
        "heard" => {
            let observer = &stage.observers[&step.text("observer")];
            observer.wait_for(step.number("at_least") as u32);
        }
        _ => {
            let name = step.text("phone");
            let phone = stage.phones.entry(name).or_insert_with(Phone::new);
            if verb == "observe" {
                let manner = step.text("observer");
                let observer = Counting::new(manner_of(&manner), &phone.kokoni());
                phone.handles.push(phone.kokoni().observe(observer.clone()));
                stage.observers.insert(manner, observer);
                return Ok(Answer::default());
            }
            return with_phone(world, phone, &verb, step);
        }
    }
    Ok(Answer::default())
}

fn with_phone(
    world: &World,
    phone: &mut Phone,
    verb: &str,
    step: &Step,
) -> Result<Answer, KokoniError> {
    match verb {
        "open" => phone.kokoni = Some(open(phone.folder.path(), &phone.secrets)?),
        "close" => {
            phone.kokoni().shut_down();
            phone.handles.clear();
            phone.kokoni = None;
        }
        "shut_down" => phone.kokoni().shut_down(),
        "secrets" => {
            let throws = step.get("throw") == Some(&Value::Bool(true));
            phone.secrets.throws.store(throws, Ordering::SeqCst);
        }
        "secret_count" => {
            let count = phone.secrets.kept.lock().expect("unpoisoned").len();
            return Ok(answer(json!({"count": count})));
        }
        "spoil" => spoil(phone, step),
        "enrol" | "enrol_with" | "enrol_typed" | "enrolment" | "wipe" => {
            return enrolling(world, &phone.kokoni(), verb, step);
        }
        "cancel_in_the_middle" => return cancel_in_the_middle(&phone.kokoni(), step),
        "deadline_in_the_middle" => {
            let server = TestingServer::silent()?;
            let limits = CallLimits {
                deadline: Duration::from_millis(step.number("deadline_ms")),
                cancel: None,
            };
            phone
                .kokoni()
                .enrol_typed(server.address(), "ABCDE12345".into(), limits)?;
        }
        "drop_elsewhere" => {
            let kokoni = phone.kokoni.take().expect("the phone is open");
            drop_elsewhere(kokoni)?;
        }
        "scan" | "preview" | "confirm" | "undo" | "resend" | "dismiss" | "foreign" => {
            return scanning(&phone.kokoni(), verb, step);
        }
        "parallel" => parallel(&phone.kokoni(), step)?,
        _ => return looking(&phone.kokoni(), verb, step),
    }
    Ok(Answer::default())
}

fn enrolling(
    world: &World,
    kokoni: &Arc<Kokoni>,
    verb: &str,
    step: &Step,
) -> Result<Answer, KokoniError> {
    let shown = |enrolment: Option<&Enrolment>| {
        answer(json!({
            "enrolled": enrolment.is_some(),
            "label_host": enrolment.map(|enrolment| enrolment.label_host.clone()),
        }))
    };
    Ok(match verb {
        "enrolment" => shown(kokoni.enrolment()?.as_ref()),
        "enrol" => shown(Some(&kokoni.enrol(world.invitation().link, limits())?)),
        "enrol_with" => shown(Some(&kokoni.enrol(step.text("link"), limits())?)),
        "enrol_typed" => {
            let code = match step.get("code") {
                Some(code) => code.as_str().expect("a code").to_owned(),
                None => world.invitation().typed,
            };
            let enrolment = kokoni.enrol_typed(world.url(), code.clone(), limits())?;
            Answer {
                keep: Some(code),
                ..shown(Some(&enrolment))
            }
        }
        _ => {
            kokoni.sign_out_and_wipe(limits())?;
            Answer::default()
        }
    })
}

fn shown_card(card: ScanCard) -> Answer {
    Answer {
        keep: card.record.clone(),
        ..answer(json!({
            "tone": format!("{:?}", card.tone),
            "meaning": card.meaning.map(|meaning| format!("{meaning:?}")),
            "title": card.title,
            "saved": card.record.is_some(),
        }))
    }
}

fn scanning(kokoni: &Kokoni, verb: &str, step: &Step) -> Result<Answer, KokoniError> {
    let label = || step.text("label");
    let record = || step.text("record");
    let via = || match step.text("via").as_str() {
        "Camera" => Via::Camera,
        "Typed" => Via::Typed,
        "Link" => Via::Link,
        other => panic!("no via {other}"),
    };
    let card = match verb {
        "scan" => kokoni.scan(label(), via())?,
        "preview" => kokoni.preview(label())?,
        "confirm" => {
            let meaning = match step.text("meaning").as_str() {
                "Leave" => ScanMeaning::Leave,
                "GiveBack" => ScanMeaning::GiveBack,
                "Undecided" => ScanMeaning::Undecided,
                other => panic!("no meaning {other}"),
            };
            kokoni.confirm(label(), meaning, via())?
        }
        "undo" => kokoni.undo(record())?,
        "resend" => kokoni.resend(record())?,
        "foreign" => kokoni.foreign_card(step.text("text")),
        _ => {
            kokoni.dismiss(record())?;
            return Ok(Answer::default());
        }
    };
    Ok(shown_card(card))
}

fn looking(kokoni: &Arc<Kokoni>, verb: &str, step: &Step) -> Result<Answer, KokoniError> {
    Ok(match verb {
        "sync" => {
            let outcome = kokoni.sync(limits())?;
            answer(json!({
                "end": format!("{:?}", outcome.end), "sent": outcome.sent,
                "applied": outcome.applied, "rejected": outcome.rejected,
                "waiting": outcome.waiting, "text": outcome.text,
            }))
        }
        "labels" => {
            let labels = testing_labels(kokoni.clone(), step.text("kind"))?;
            Answer {
                keep: Some(labels[step.number("index") as usize].clone()),
                ..Answer::default()
            }
        }
        "today" => {
            let today = kokoni.today()?;
            answer(json!({
                "whereabouts": format!("{:?}", today.whereabouts), "headline": today.headline,
                "waiting": today.waiting.len(), "rejected": today.rejected.len(),
            }))
        }
        "chip" => {
            let chip = kokoni.chip()?;
            answer(json!({
                "waiting": chip.waiting, "rejected": chip.rejected,
                "tone": format!("{:?}", chip.tone), "text": chip.text,
            }))
        }
        "status" => {
            let status = kokoni.status()?;
            answer(json!({
                "waiting": status.waiting, "rejected": status.rejected, "text": status.text,
                "needs_enrolment": status.needs_enrolment, "needs_update": status.needs_update,
            }))
        }
        "waiting" => answer(json!({"count": kokoni.waiting()?.len()})),
        "rejected" => {
            let refused = kokoni.rejected()?;
            let first = refused.first();
            Answer {
                keep: first.map(|line| line.record.clone()),
                ..answer(json!({
                    "count": refused.len(),
                    "why": first.map(|line| line.why.clone()),
                    "advice": first.map(|line| line.advice.clone()),
                    "can_resend": first.map(|line| line.can_resend),
                }))
            }
        }
        "route" => {
            let (route, label) = match kokoni.route_link(step.text("link"))? {
                Route::Label { label } => ("Label", Some(label)),
                Route::Enrol { .. } => ("Enrol", None),
                Route::SignIn { .. } => ("SignIn", None),
                Route::OtherOrganisation { .. } => ("OtherOrganisation", None),
                Route::Unknown => ("Unknown", None),
            };
            answer(json!({"route": route, "label": label}))
        }
        "forward" => {
            testing_clock(kokoni.clone(), Duration::from_secs(step.number("seconds")));
            Answer::default()
        }
        other => panic!("no verb {other}"),
    })
}

fn manner_of(name: &str) -> Manner {
    match name {
        "throws" => Manner::Throws,
        "slow" => Manner::Slow,
        "reenters" => Manner::Reenters,
        "counts" => Manner::Counts,
        other => panic!("no observer {other}"),
    }
}

fn spoil(phone: &Phone, step: &Step) {
    let mut kept = phone.secrets.kept.lock().expect("unpoisoned");
    let secret = kept.get_mut("enrolment").expect("enrolled");
    let mut enrolment: Value = serde_json::from_slice(secret).expect("JSON");
    let names = step.get("tokens").and_then(Value::as_array);
    for name in names.expect("names") {
        enrolment["tokens"][name.as_str().expect("a name")] = "spoilt".into();
    }
    *secret = serde_json::to_vec(&enrolment).expect("JSON");
}

fn frame(step: &Step) -> Result<Answer, KokoniError> {
    let host = step.text("host");
    let drawn = step.get("drawn_host").and_then(Value::as_str);
    let drawn = drawn.unwrap_or(&host).to_owned();
    let number = |key: &str| i32::try_from(step.number(key)).expect("small");
    let keys = ["width", "height", "row_stride", "pixel_stride"];
    let sizes = keys.map(number);
    let [width, height, row_stride, pixel_stride] = sizes;
    let label = step.text("label");
    let mut luma = testing_label_frame(drawn, label, width, height, row_stride, pixel_stride)
        .expect("a frame is drawn");
    if let Some(cut) = step.get("cut").and_then(Value::as_u64) {
        luma.truncate(luma.len() - cut as usize);
    }
    let mut said = sizes;
    if let Some(Value::Object(other)) = step.get("say") {
        for (key, value) in other {
            let index = keys.iter().position(|known| known == key).expect("a size");
            said[index] = value
                .as_i64()
                .and_then(|n| i32::try_from(n).ok())
                .expect("a number");
        }
    }
    let reader = FrameReader::new(ReaderConfig {
        host: Some(host),
        labels: vec![],
        budget: BUDGET,
    })?;
    let seen = reader.read(&luma, said[0], said[1], said[2], said[3])?;
    Ok(answer(json!({"news": seen.news, "foreign": seen.foreign})))
}

fn cancel_in_the_middle(kokoni: &Kokoni, step: &Step) -> Result<Answer, KokoniError> {
    let server = TestingServer::silent()?;
    let cancel = CancelHandle::new();
    let before = testing_cancelled_calls();
    let ended = thread::scope(|scope| {
        let call = scope.spawn(|| {
            kokoni.enrol_typed(server.address(), "ABCDE12345".into(), cancellable(&cancel))
        });
        wait_until("the server is called", || server.connections() >= 1);
        let cancelled = Instant::now();
        cancel.cancel();
        let ended = call.join().expect("no panic");
        assert!(cancelled.elapsed() < SOON / 2, "it ended by itself");
        ended
    });
    let counted = testing_cancelled_calls() - before;
    assert_eq!(counted, step.number("counted"));
    ended.map(|_| Answer::default())
}

fn parallel(kokoni: &Kokoni, step: &Step) -> Result<(), KokoniError> {
    let label = step.text("label");
    let (calls, threads) = (step.number("calls"), step.number("threads"));
    kokoni.scan(label.clone(), Via::Camera)?;
    let call = |number: u64| match number % 4 {
        0 => kokoni.scan(label.clone(), Via::Camera).map(|_| ()),
        1 => kokoni.today().map(|_| ()),
        2 => kokoni.preview(label.clone()).map(|_| ()),
        _ => kokoni.chip().map(|_| ()),
    };
    thread::scope(|scope| {
        let work = |thread: u64| (thread..calls).step_by(threads as usize).try_for_each(call);
        let running: Vec<_> = (1..=threads)
            .map(|thread| scope.spawn(move || work(thread)))
            .collect();
        let mut ended = running.into_iter().map(|one| one.join().expect("no panic"));
        ended.try_for_each(|end| end)
    })
}

fn drop_elsewhere(kokoni: Arc<Kokoni>) -> Result<(), KokoniError> {
    let keeper = kokoni.keep_synced()?;
    let handle = kokoni.observe(Counting::new(Manner::Counts, &kokoni));
    let reader = kokoni.frame_reader(BUDGET)?;
    let begin = Arc::new(Barrier::new(5));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (kokoni, begin) = (kokoni.clone(), begin.clone());
            thread::spawn(move || {
                begin.wait();
                (0..50).try_for_each(|_| match kokoni.chip() {
                    Ok(_) | Err(KokoniError::ShutDown) => Ok(()),
                    Err(error) => Err(error),
                })
            })
        })
        .collect();
    let dropper = thread::spawn(move || {
        begin.wait();
        drop((keeper, handle, reader));
        kokoni.shut_down();
        drop(kokoni);
    });
    dropper.join().expect("no panic");
    let mut ended = callers.into_iter().map(|one| one.join().expect("no panic"));
    ended.try_for_each(|end| end)
}

#[expect(clippy::print_stdout, reason = "a soak asks for the figure")]
fn cycles(step: &Step) -> Result<(), KokoniError> {
    let folder = tempfile::tempdir().expect("a folder");
    let secrets = Arc::default();
    let cycle = || -> Result<(), KokoniError> {
        let kokoni = open(folder.path(), &secrets)?;
        kokoni.status()?;
        kokoni.shut_down();
        Ok(())
    };
    let usual = step.number("count");
    let count = match std::env::var("KOKONI_CYCLES") {
        Ok(count) => count.parse().expect("a number"),
        Err(_) => usual,
    };
    let (warm_up, growth_kb) = (step.number("warm_up"), step.number("growth_kb"));
    (0..warm_up).try_for_each(|_| cycle())?;
    let before = resident_kb();
    (0..count).try_for_each(|_| cycle())?;
    let grown = resident_kb().saturating_sub(before);
    println!("{count} cycles of opening and closing: {grown} kB more (at most {growth_kb})");
    assert!(grown <= growth_kb, "{count} cycles grew by {grown} kB");
    Ok(())
}

/// What this process holds in memory; 0 where the system does not say.
pub(crate) fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
