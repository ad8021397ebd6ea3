//! Enrolment codes resist guessing and are good once; tokens rotate, and reuse revokes.

use std::net::SocketAddr;
use std::sync::Barrier;

use kokoni_e2e::database::Database;
use kokoni_e2e::http::{Answer, Request, send};
use kokoni_e2e::office::Office;
use kokoni_e2e::process::ServerProcess;
use kokoni_e2e::wire;
use kokoni_model::wire::problem::ProblemCode;

use crate::SERVE;

const DIGITS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn begin() -> (Office, ServerProcess) {
    let office = Office::new();
    let server = ServerProcess::start(SERVE, &office.data(), None);
    (office, server)
}

/// The typed code with its last character changed by so much.
fn near_miss(typed: &str, by: usize) -> String {
    let (start, last) = typed.split_at(typed.len() - 1);
    let place = DIGITS.iter().position(|digit| [*digit] == *last.as_bytes());
    let other = DIGITS[(place.expect("a digit") + by) % DIGITS.len()];
    format!("{start}{}", char::from(other))
}

fn refused(answer: &Answer) -> bool {
    answer.problem() == Ok(ProblemCode::CodeNotValid)
}

/// As many as asked for, at the same moment.
fn at_once(times: usize, ask: impl Fn() -> Answer + Sync) -> Vec<Answer> {
    let ready = Barrier::new(times);
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..times)
            .map(|_| {
                scope.spawn(|| {
                    ready.wait();
                    ask()
                })
            })
            .collect();
        waiting
            .into_iter()
            .map(|thread| thread.join().expect("an answer"))
            .collect()
    })
}

#[test]
fn five_wrong_tries_void_a_typed_code() {
    let (office, server) = begin();
    let kept = office.code(&office.ours, 1).typed;
    let lost = office.code(&office.ours, 2).typed;
    for by in 1..=4 {
        assert!(refused(&wire::enrol(
            server.address(),
            &near_miss(&kept, by)
        )));
    }
    for by in 1..=5 {
        assert!(refused(&wire::enrol(
            server.address(),
            &near_miss(&lost, by)
        )));
    }
    assert_eq!(wire::enrol(server.address(), &kept).status, 201);
    assert!(refused(&wire::enrol(server.address(), &lost)));
    server.stop();
}

#[test]
fn a_wrong_a_used_a_void_and_an_ended_code_get_the_same_answer() {
    let (office, mut server) = begin();
    let address = server.address();
    let used = office.code(&office.ours, 1);
    wire::enrolled(address, &used.link);
    let void = office.code(&office.ours, 2).typed;
    for by in 1..=5 {
        wire::enrol(address, &near_miss(&void, by));
    }
    let ended = office.code(&office.ours, 3);
    let early = [
        wire::enrol(address, "0123456789ABCDEFGHJKMNPQRS"),
        wire::enrol(address, "0123456789"),
        wire::enrol(address, "not a code at all"),
        wire::enrol(address, &used.link),
        wire::enrol(address, &used.typed),
        wire::enrol(address, &void),
    ];
    server.forward(15 * 60 + 1);
    let late = [
        wire::enrol(address, &ended.link),
        wire::enrol(address, &ended.typed),
    ];
    for answer in early.iter().chain(&late) {
        assert!(refused(answer), "{}", answer.text());
        assert_eq!(answer.text(), early[0].text());
    }
    server.stop();
}

#[test]
fn a_code_is_good_once_however_many_come_at_the_same_moment() {
    let (office, server) = begin();
    let address = server.address();
    let before = Database::open(&office.data()).devices(office.ours.made.id);
    for typed in [false, true] {
        let code = office.code(&office.ours, 1);
        let code = if typed { code.typed } else { code.link };
        let answers = at_once(20, || wire::enrol(address, &code));
        let enrolled = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(enrolled, 1);
        assert_eq!(answers.iter().filter(|answer| refused(answer)).count(), 19);
    }
    let after = Database::open(&office.data()).devices(office.ours.made.id);
    assert_eq!((before.len(), after.len()), (0, 2));
    server.stop();
}

#[test]
fn tries_of_typed_codes_have_a_limit_that_holds_up_no_link() {
    let (office, server) = begin();
    let wrong = |number: usize| {
        let digit = |place: usize| char::from(DIGITS[(number / 32_usize.pow(place as u32)) % 32]);
        format!("{}{}00000000", digit(1), digit(0))
    };
    let mut met = None;
    for number in 0..600 {
        let answer = wire::enrol(server.address(), &wrong(number));
        if answer.problem() == Ok(ProblemCode::TooManyRequests) {
            met = Some(answer);
            break;
        }
        assert!(refused(&answer), "{}", answer.text());
    }
    let met = met.expect("a limit");
    let wait: u32 = met
        .header("retry-after")
        .expect("says when")
        .parse()
        .expect("seconds");
    assert!(wait > 0);
    let link = office.code(&office.ours, 1).link;
    assert_eq!(wire::enrol(server.address(), &link).status, 201);
    server.stop();
}

#[test]
fn tokens_rotate_and_a_lost_reply_costs_nothing() {
    let (office, mut server) = begin();
    let address = server.address();
    let first = wire::enrolled(address, &office.code(&office.ours, 1).link).tokens;
    let second = wire::refreshed(address, &first);
    assert_ne!(second.access, first.access);
    assert_ne!(second.refresh, first.refresh);
    server.forward(59);
    let again = wire::refreshed(address, &first);
    assert_eq!(
        (&again.access, &again.refresh),
        (&second.access, &second.refresh)
    );
    let third = wire::refreshed(address, &second);
    assert_eq!(wire::me(address, &third.access.0).status, 200);
    server.stop();
}

#[test]
fn refreshing_many_times_at_the_same_moment_gives_one_pair() {
    let (office, server) = begin();
    let address = server.address();
    let first = wire::enrolled(address, &office.code(&office.ours, 1).link).tokens;
    let answers = at_once(20, || wire::refresh(address, &first.refresh.0));
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.text(), answers[0].text());
    }
    server.stop();
}

/// Everything the device holds is refused, and says why.
fn assert_revoked(server: SocketAddr, access: &str) {
    let answer = wire::me(server, access);
    assert_eq!(answer.problem(), Ok(ProblemCode::DeviceRevoked));
}

#[test]
fn a_refresh_token_used_again_after_its_grace_revokes_the_device() {
    let (office, mut server) = begin();
    let address = server.address();
    let first = wire::enrolled(address, &office.code(&office.ours, 1).link).tokens;
    let other = wire::enrolled(address, &office.code(&office.ours, 1).link).tokens;
    let second = wire::refreshed(address, &first);
    server.forward(61);
    // Until the new pair is used, its answer may have been lost.
    assert_eq!(wire::refreshed(address, &first).refresh, second.refresh);
    assert_eq!(wire::me(address, &second.access.0).status, 200);
    // The use is noted beside the request.
    let mut reused = wire::refresh(address, &first.refresh.0);
    for _ in 0..100 {
        if reused.status != 200 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        reused = wire::refresh(address, &first.refresh.0);
    }
    assert_eq!(reused.problem(), Ok(ProblemCode::DeviceRevoked));
    assert_revoked(address, &second.access.0);
    let next = wire::refresh(address, &second.refresh.0);
    assert_eq!(next.problem(), Ok(ProblemCode::DeviceRevoked));
    // The person's other phone is not concerned.
    assert_eq!(wire::me(address, &other.access.0).status, 200);
    server.stop();
}

#[test]
fn a_refresh_token_used_again_after_its_successor_revokes_the_device() {
    let (office, server) = begin();
    let address = server.address();
    let first = wire::enrolled(address, &office.code(&office.ours, 1).link).tokens;
    let second = wire::refreshed(address, &first);
    let third = wire::refreshed(address, &second);
    let stolen = wire::refresh(address, &first.refresh.0);
    assert_eq!(stolen.problem(), Ok(ProblemCode::DeviceRevoked));
    assert_revoked(address, &third.access.0);
    server.stop();
}

#[test]
fn a_device_that_signed_out_is_nobody_any_more() {
    let (office, server) = begin();
    let address = server.address();
    let tokens = wire::enrolled(address, &office.code(&office.ours, 1).link).tokens;
    let request = Request::new("POST", "/api/v1/sign-out").by(&tokens.access.0);
    assert_eq!(send(address, &request).status, 204);
    assert_revoked(address, &tokens.access.0);
    let next = wire::refresh(address, &tokens.refresh.0);
    assert_eq!(next.problem(), Ok(ProblemCode::DeviceRevoked));
    server.stop();
}

#[test]
fn no_code_and_no_token_lies_in_the_database() {
    let (office, server) = begin();
    let code = office.code(&office.ours, 1);
    let first = wire::enrolled(server.address(), &code.link);
    let second = wire::refreshed(server.address(), &first.tokens);
    let open = office.code(&office.ours, 2);
    server.stop();
    let database = Database::open(&office.data());
    for secret in [
        &code.link,
        &code.typed,
        &open.link,
        &open.typed,
        &first.tokens.access.0,
        &first.tokens.refresh.0,
        &second.access.0,
        &second.refresh.0,
    ] {
        assert!(!database.contains(secret));
    }
    // The search would find them: what is no secret is found.
    assert!(database.contains("phone"));
}
