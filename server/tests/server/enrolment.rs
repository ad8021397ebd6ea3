//! Enrolment and tokens: codes resist guessing and are good once, tokens rotate, a lost reply does
//! no harm, reuse revokes, and nothing secret lies in the database.

use crate::kit::{World, problem};
use kokoni_model::event::Meaning;
use kokoni_model::wire::enrolment::{Enrolled, RefreshRequest, Secret, Tokens};
use kokoni_model::wire::problem::ProblemCode;
use kokoni_server::audit;
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

async fn refresh(world: &World, token: &Secret) -> Response {
    world
        .http
        .post(world.url("/api/v1/tokens/refresh"))
        .json(&RefreshRequest {
            refresh: token.clone(),
        })
        .send()
        .await
        .expect("answered")
}

async fn refreshed(world: &World, token: &Secret) -> Tokens {
    let response = refresh(world, token).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.expect("tokens")
}

async fn me(world: &World, access: &Secret) -> Response {
    world
        .http
        .get(world.url("/api/v1/me"))
        .bearer_auth(&access.0)
        .send()
        .await
        .expect("answered")
}

#[tokio::test]
async fn a_code_enrols_one_device_of_its_person_once() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let code = world.code_for(&office, office.people[2].id);
    let response = world.enrol_with(&code.link).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let enrolled: Enrolled = response.json().await.expect("enrolled");
    assert_eq!(enrolled.person, office.people[2].id);
    assert_eq!(enrolled.person_name, "鈴木 太郎2");
    assert_eq!(enrolled.label_host.as_str(), "kokoni.example.jp");
    for again in [&code.link, &code.typed] {
        assert_eq!(
            problem(world.enrol_with(again).await).await,
            ProblemCode::CodeNotValid
        );
    }
}

#[tokio::test]
async fn a_typed_code_is_forgiving_about_how_it_is_typed() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let code = world.code_for(&office, office.people[0].id);
    let typed = format!("{}-{}", &code.typed[..5], &code.typed[5..]).to_lowercase();
    assert_eq!(world.enrol_with(&typed).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_code_ends_after_fifteen_minutes() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let code = world.code_for(&office, office.people[0].id);
    world.clock.advance_seconds(15 * 60);
    assert_eq!(
        problem(world.enrol_with(&code.link).await).await,
        ProblemCode::CodeNotValid
    );
}

#[tokio::test]
async fn wrong_used_ended_and_malformed_codes_get_the_same_answer() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let used = world.code_for(&office, office.people[0].id);
    world.enrol_with(&used.link).await;
    let ended = world.code_for(&office, office.people[1].id);
    world.clock.advance_seconds(15 * 60 + 1);
    let mut bodies = Vec::new();
    for code in [
        &used.link,
        &used.typed,
        &ended.link,
        &ended.typed,
        "0123456789",
        "?",
        "",
    ] {
        let response = world.enrol_with(code).await;
        bodies.push((response.status(), response.text().await.expect("text")));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
}

#[tokio::test]
async fn five_wrong_tries_void_a_typed_code_and_no_other() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let code = world.code_for(&office, office.people[0].id);
    let other = world.code_for(&office, office.people[1].id);
    let wrong = |last: usize| format!("{}{}", &code.typed[..9], &"0123456789"[last..=last]);
    let mut tried = 0;
    for last in 0..10 {
        if wrong(last) != code.typed && tried < 5 {
            let refused = world.enrol_with(&wrong(last)).await;
            assert_eq!(problem(refused).await, ProblemCode::CodeNotValid);
            tried += 1;
        }
    }
    assert_eq!(
        problem(world.enrol_with(&code.typed).await).await,
        ProblemCode::CodeNotValid
    );
    assert_eq!(
        world.enrol_with(&other.typed).await.status(),
        StatusCode::CREATED
    );
    assert_eq!(
        world.enrol_with(&code.link).await.status(),
        StatusCode::CREATED
    );
    let voided = world
        .count("SELECT count(*) FROM audit WHERE act = 'code_voided'")
        .await;
    assert_eq!(voided, 1);
}

#[tokio::test]
async fn four_wrong_tries_do_not_void_it() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let code = world.code_for(&office, office.people[0].id);
    let mut wrong: Vec<String> = "0123456789"
        .chars()
        .map(|last| format!("{}{last}", &code.typed[..9]))
        .filter(|typed| *typed != code.typed)
        .collect();
    wrong.truncate(4);
    for typed in &wrong {
        world.enrol_with(typed).await;
    }
    assert_eq!(
        world.enrol_with(&code.typed).await.status(),
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn guessing_typed_codes_meets_a_limit_that_links_do_not() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let code = world.code_for(&office, office.people[0].id);
    let mut limited = None;
    for guess in 0..200u32 {
        let response = world.enrol_with(&format!("{guess:010}")).await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(response);
            break;
        }
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
    }
    let limited = limited.expect("the limit is met");
    assert!(limited.headers().contains_key("retry-after"));
    assert_eq!(problem(limited).await, ProblemCode::TooManyRequests);
    assert_eq!(
        world.enrol_with(&code.link).await.status(),
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn an_access_token_ends_after_an_hour_and_a_refresh_buys_the_next() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let first = phone.enrolled.tokens.clone();
    assert_eq!(me(&world, &first.access).await.status(), StatusCode::OK);
    world.clock.advance_seconds(3600);
    assert_eq!(
        problem(me(&world, &first.access).await).await,
        ProblemCode::SignInNeeded
    );
    let second = refreshed(&world, &first.refresh).await;
    assert_ne!(second, first);
    assert_eq!(me(&world, &second.access).await.status(), StatusCode::OK);
    let third = refreshed(&world, &second.refresh).await;
    assert_eq!(me(&world, &third.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_lost_reply_is_given_once_more_within_the_grace() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let lost = refreshed(&world, &phone.enrolled.tokens.refresh).await;
    world.clock.advance_seconds(59);
    let again = refreshed(&world, &phone.enrolled.tokens.refresh).await;
    assert_eq!(again, lost);
    assert_eq!(me(&world, &again.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_phone_that_was_out_of_reach_since_its_reply_was_lost_stays_enrolled() {
    let mut world = World::start().await;
    let mut phone = world.phone(0).await;
    let lost = refreshed(&world, &phone.enrolled.tokens.refresh).await;
    world.clock.advance_seconds(3 * 24 * 3600);
    let again = refreshed(&world, &phone.enrolled.tokens.refresh).await;
    assert_eq!(again, lost);
    phone.enrolled.tokens = again;
    phone.refresh().await;
    assert_eq!(phone.get("/api/v1/me").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn tokens_that_were_exchanged_long_ago_do_not_pile_up() {
    let mut world = World::start().await;
    let mut phone = world.phone(0).await;
    for _ in 0..20 {
        phone.refresh().await;
        world.clock.advance_seconds(24 * 3600);
    }
    let tokens = world.count("SELECT count(*) FROM token").await;
    assert!(tokens <= 10, "{tokens}");
}

/// That a token has been used is noted beside the request.
async fn first_use_is_noted(world: &World, access: &Secret) {
    assert_eq!(me(world, access).await.status(), StatusCode::OK);
    let unused = "SELECT count(*) FROM token
         WHERE kind = 'access' AND nonce IS NOT NULL AND used_us IS NULL";
    let noted = async {
        while world.count(unused).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), noted).await;
    assert!(in_time.is_ok(), "its first use was not noted");
}

#[tokio::test]
async fn an_old_refresh_token_after_the_grace_revokes_the_device() {
    let mut world = World::start().await;
    let mut phone = world.phone(0).await;
    let seat = world.office.sites[0].floors[0].places[0].label;
    let first = phone.enrolled.tokens.clone();
    let second = refreshed(&world, &first.refresh).await;
    first_use_is_noted(&world, &second.access).await;
    world.clock.advance_seconds(61);
    let reused = refresh(&world, &first.refresh).await;
    assert_eq!(problem(reused).await, ProblemCode::DeviceRevoked);
    assert_eq!(
        problem(me(&world, &second.access).await).await,
        ProblemCode::DeviceRevoked
    );
    assert_eq!(
        problem(refresh(&world, &second.refresh).await).await,
        ProblemCode::DeviceRevoked
    );
    phone.enrolled.tokens = second;
    let event = phone.scan(seat, Meaning::Sit);
    let refused = phone.try_batch(&phone.batch(&[event.text()])).await;
    assert_eq!(problem(refused).await, ProblemCode::DeviceRevoked);
    assert_eq!(world.count("SELECT count(*) FROM event").await, 0);
    let other = world.phone(0).await;
    assert_eq!(
        other.get("/api/v1/me").await.status(),
        StatusCode::OK,
        "another device is not"
    );
}

#[tokio::test]
async fn once_the_successor_is_used_there_is_no_grace() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let second = refreshed(&world, &phone.enrolled.tokens.refresh).await;
    refreshed(&world, &second.refresh).await;
    let reused = refresh(&world, &phone.enrolled.tokens.refresh).await;
    assert_eq!(problem(reused).await, ProblemCode::DeviceRevoked);
}

#[tokio::test]
async fn signing_out_revokes_the_device_that_asks() {
    let mut world = World::start().await;
    let phone = world.phone(0).await;
    let response = phone.request(Method::POST, "/api/v1/sign-out").send().await;
    assert_eq!(response.expect("answered").status(), StatusCode::NO_CONTENT);
    assert_eq!(
        problem(phone.get("/api/v1/me").await).await,
        ProblemCode::DeviceRevoked
    );
}

/// The server remembers whose token came by; whether the device still counts it asks every time.
#[tokio::test]
async fn a_device_whose_token_came_by_sends_nothing_once_it_is_revoked() {
    let mut world = World::start().await;
    let mut phone = world.phone(0).await;
    let seat = world.office.sites[0].floors[0].places[0].label;
    let event = phone.scan(seat, Meaning::Sit);
    let taken = phone.try_batch(&phone.batch(&[event.text()])).await;
    assert_eq!(taken.status(), StatusCode::OK);
    let response = phone.request(Method::POST, "/api/v1/sign-out").send().await;
    assert_eq!(response.expect("answered").status(), StatusCode::NO_CONTENT);
    let event = phone.scan(seat, Meaning::Leave);
    let refused = phone.try_batch(&phone.batch(&[event.text()])).await;
    assert_eq!(problem(refused).await, ProblemCode::DeviceRevoked);
    assert_eq!(world.count("SELECT count(*) FROM event").await, 1);
}

#[tokio::test]
async fn unknown_and_malformed_tokens_need_a_sign_in() {
    let world = World::start().await;
    for token in [
        "",
        "x",
        &"A".repeat(43),
        &"é".repeat(43),
        "../../etc/passwd",
    ] {
        let secret = Secret(token.to_owned());
        let response = refresh(&world, &secret).await;
        assert_eq!(
            problem(response).await,
            ProblemCode::SignInNeeded,
            "{token}"
        );
    }
    let nobody = world
        .http
        .get(world.url("/api/v1/me"))
        .send()
        .await
        .expect("answered");
    assert!(nobody.headers().contains_key("www-authenticate"));
    assert_eq!(problem(nobody).await, ProblemCode::SignInNeeded);
}

#[tokio::test]
async fn an_access_token_is_no_refresh_token_and_the_other_way_round() {
    let mut world = World::start().await;
    let tokens = world.phone(0).await.enrolled.tokens;
    assert_eq!(
        problem(refresh(&world, &tokens.access).await).await,
        ProblemCode::SignInNeeded
    );
    assert_eq!(
        problem(me(&world, &tokens.refresh).await).await,
        ProblemCode::SignInNeeded
    );
}

#[tokio::test]
async fn only_those_who_may_make_codes_for_others() {
    let mut world = World::start().await;
    let neighbours = world.neighbours().await;
    let (staff, administrator) = (world.phone(0).await, world.phone(5).await);
    let office = world.office.clone();
    let ask = |phone: &crate::kit::Phone, person| {
        phone
            .request(Method::POST, "/api/v1/enrolment-codes")
            .json(&json!({ "person": person }))
            .send()
    };
    let refused = ask(&staff, office.people[1].id).await.expect("answered");
    assert_eq!(problem(refused).await, ProblemCode::NotPermitted);
    let foreign = ask(&administrator, neighbours.people[0].id)
        .await
        .expect("answered");
    assert_eq!(problem(foreign).await, ProblemCode::NotFound);
    let made = ask(&administrator, office.people[1].id)
        .await
        .expect("answered");
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: serde_json::Value = made.json().await.expect("JSON");
    let typed = made["typed"].as_str().expect("typed");
    assert_eq!(world.enrol_with(typed).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn no_code_and_no_token_lies_in_the_database() {
    let mut world = World::start().await;
    let office = world.office.clone();
    let code = world.code_for(&office, office.people[0].id);
    let phone = world.phone(1).await;
    let next = refreshed(&world, &phone.enrolled.tokens.refresh).await;
    let mut bytes = Vec::new();
    for name in ["kokoni.db", "kokoni.db-wal"] {
        let file = world.store.file().with_file_name(name);
        bytes.extend(std::fs::read(file).expect("read"));
    }
    let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    assert!(holds("鈴木".as_bytes()), "the check finds what is there");
    for text in [&code.link, &code.typed] {
        assert!(!holds(text.as_bytes()));
    }
    let first = &phone.enrolled.tokens;
    for token in [&first.access, &first.refresh, &next.access, &next.refresh] {
        let raw = data_encoding::BASE64URL_NOPAD
            .decode(token.0.as_bytes())
            .expect("base64url");
        assert!(!holds(token.0.as_bytes()) && !holds(&raw));
    }
}

#[tokio::test]
async fn the_audit_log_shows_where_it_was_changed() {
    let mut world = World::start().await;
    world.phone(0).await;
    world.phone(1).await;
    let office = world.office.id;
    let broken = |world: &World| {
        let store = world.store.clone();
        async move {
            store
                .read(move |tx| audit::first_broken_link(tx, office))
                .await
                .expect("read")
        }
    };
    assert_eq!(world.count("SELECT count(*) FROM audit").await, 5);
    assert_eq!(broken(&world).await, None);
    let change = |sql: &'static str| {
        let store = world.store.clone();
        async move {
            store
                .write(move |tx| tx.exec(sql, &[]))
                .await
                .expect("written")
        }
    };
    change("UPDATE audit SET at_us = at_us + 1 WHERE number = 3").await;
    assert_eq!(broken(&world).await, Some(3));
    change("UPDATE audit SET at_us = at_us - 1 WHERE number = 3").await;
    assert_eq!(broken(&world).await, None);
    change("DELETE FROM audit WHERE number = 2").await;
    assert_eq!(broken(&world).await, Some(2));
}
