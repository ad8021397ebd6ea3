//! `kokoni read` on drawn pictures.

use kokoni_model::label::LabelId;

use crate::env::{Env, HOST, text};

fn label() -> LabelId {
    LabelId::parse_exact("0123456789ABCDEF").expect("an id")
}

#[test]
fn a_label_of_ours_is_named_with_its_corners() {
    let env = Env::new();
    let picture = env.picture("a.png", &label());
    let line = env.run(&["read", "--host", HOST, text(&picture)]).json();
    assert_eq!(
        (&line["width"], &line["height"]),
        (&1280.into(), &720.into())
    );
    assert!(line["ms"].as_f64().is_some_and(|ms| ms > 0.0));
    let reading = &line["readings"][0];
    assert_eq!(reading["kind"], "label");
    assert_eq!(reading["label"], "0123456789ABCDEF");
    assert_eq!(
        reading["text"],
        format!("https://{HOST}/q/0123456789ABCDEF")
    );
    let corners = reading["corners"].as_array().expect("corners");
    assert_eq!(corners.len(), 4);
    // The label lies in the middle of the frame, upright.
    let (x, y) = (
        corners[0][0].as_f64().expect("x"),
        corners[0][1].as_f64().expect("y"),
    );
    assert!(x < 640.0 && y < 360.0, "{x} {y}");
}

#[test]
fn without_a_host_the_same_code_is_text() {
    let env = Env::new();
    let picture = env.picture("a.png", &label());
    let reading = &env.run(&["read", text(&picture)]).json()["readings"][0];
    assert_eq!(reading["kind"], "text");
    assert!(reading["label"].is_null());
}

#[test]
fn a_file_that_cannot_be_opened_gets_a_line_and_stops_nothing() {
    let env = Env::new();
    let picture = env.picture("b.png", &label());
    std::fs::write(env.path("a.png"), b"no picture").expect("written");
    let said = env.run(&[
        "read",
        "--host",
        HOST,
        "a.png",
        "missing.png",
        text(&picture),
    ]);
    assert_eq!(said.status, Some(1));
    let lines = said.json_lines();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0]["error"]
            .as_str()
            .is_some_and(|error| error.contains("PNG"))
    );
    assert!(lines[1]["error"].is_string() && lines[1]["readings"].is_null());
    assert_eq!(lines[2]["readings"][0]["label"], "0123456789ABCDEF");
}

#[test]
fn a_torn_picture_is_an_error_and_no_panic() {
    let env = Env::new();
    let whole = std::fs::read(env.picture("a.png", &label())).expect("read");
    std::fs::write(env.path("torn.png"), &whole[..whole.len() / 2]).expect("written");
    let said = env.run(&["read", "torn.png"]);
    assert_eq!(said.status, Some(1));
    assert!(said.json_lines()[0]["error"].is_string());
    assert_eq!(said.err, "");
}
