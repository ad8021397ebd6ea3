//! A network that opens what is encrypted is recognised, named, and shown nothing.

use kokoni_client::{CallOptions, ClientError, Invitation, Obstacle, SyncOutcome};
use kokoni_e2e::database::Database;
use kokoni_e2e::history;
use kokoni_e2e::office::Office;
use kokoni_e2e::phone::{Phone, WITHIN};
use kokoni_e2e::process::ServerProcess;
use kokoni_e2e::proxy::FaultProxy;
use kokoni_e2e::tls::{Authority, Identity, TlsFront};
use kokoni_model::event::Meaning;
use kokoni_model::wire::enrolment::Platform;

use crate::SERVE;

const NAME: &str = "localhost";

/// An office behind TLS, and a network that leads there straight or through a proxy.
struct Scene {
    office: Office,
    server: ServerProcess,
    authority: Authority,
    straight: TlsFront,
    network: FaultProxy,
}

impl Scene {
    fn begin() -> Self {
        let office = Office::new();
        let server = ServerProcess::start(SERVE, &office.data(), None);
        let authority = Authority::new();
        let straight = TlsFront::start(server.address(), authority.certify(NAME));
        let network = FaultProxy::start(straight.address());
        Self {
            office,
            server,
            authority,
            straight,
            network,
        }
    }

    fn url(&self) -> String {
        let plain = self.network.url();
        let port = plain.rsplit(':').next().expect("a port");
        format!("https://{NAME}:{port}")
    }

    /// A phone that knows the office's authority, with a scan that waits.
    fn phone_with_a_scan(&self) -> Phone {
        let folder = self.office.folder("phone");
        let mut phone = Phone::open_trusting(folder, vec![self.authority.root()]);
        phone.enrol_again(&self.url(), &self.office.code(&self.office.ours, 1).link);
        phone.sync_through();
        phone.record(self.office.ours.seat_label(0), Meaning::Sit);
        phone
    }

    /// What a sync says with this certificate between phone and server.
    fn obstacle(&self, phone: &Phone, identity: Identity) -> Obstacle {
        let between = TlsFront::start(self.server.address(), identity);
        self.network.lead_to(between.address());
        let outcome = (0..10)
            .map(|_| phone.sync())
            // The first may only find its old connection cut.
            .find(|outcome| {
                !matches!(outcome, SyncOutcome::Offline { why, .. } if *why == Obstacle::ConnectionLost)
            });
        assert_eq!(between.opened(), 0, "nothing was shown to it");
        match outcome {
            Some(SyncOutcome::Offline { why, report, .. }) => {
                assert_eq!(report.waiting, 1);
                why
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_proxy_that_inspects_tls_is_named_and_once_its_root_is_installed_used() {
    let scene = Scene::begin();
    let phone = scene.phone_with_a_scan();
    let inspector = Authority::new();
    let why = scene.obstacle(&phone, inspector.certify(NAME));
    assert_eq!(why, Obstacle::InspectedTls);
    let (ja, en) = why.words();
    assert!(
        !ja.is_empty() && en.contains("root certificate"),
        "{ja} {en}"
    );
    let status = phone.engine.status().expect("read");
    assert_eq!(status.last_problem.as_deref(), Some("inspected_tls"));
    // The administrator installs the proxy's root.
    let between = TlsFront::start(scene.server.address(), inspector.certify(NAME));
    scene.network.lead_to(between.address());
    let (saved, data) = (phone.saved.clone(), phone.data.clone());
    phone.engine.shut_down();
    drop(phone);
    let phone = Phone::open_trusting(data, vec![scene.authority.root(), inspector.root()]);
    assert_eq!(phone.sync_through().applied, 1);
    assert!(between.opened() > 0);
    let device = phone.device();
    scene.server.stop();
    let held = Database::open(&scene.office.data()).held(device);
    assert_eq!(history::compare(&saved, &held), []);
}

#[test]
fn nobody_enrols_through_a_proxy_that_is_not_trusted() {
    let scene = Scene::begin();
    let inspector = Authority::new();
    let between = TlsFront::start(scene.server.address(), inspector.certify(NAME));
    scene.network.lead_to(between.address());
    let root = vec![scene.authority.root()];
    let phone = Phone::open_trusting(scene.office.folder("phone"), root);
    let code = scene.office.code(&scene.office.ours, 1).link;
    let link = format!("{}/enrol#{code}", scene.url());
    let invitation = Invitation::from_link(&link).expect("a link");
    let enrol = || {
        let options = CallOptions::within(WITHIN);
        phone
            .engine
            .enrol(&invitation, "phone", Platform::Cli, &options)
    };
    let refused = enrol();
    assert_eq!(
        refused.err(),
        Some(ClientError::Offline(Obstacle::InspectedTls))
    );
    assert_eq!(between.opened(), 0, "the code was shown to nobody");
    scene.network.lead_to(scene.straight.address());
    enrol().expect("the code is still good");
}

#[test]
fn a_certificate_out_of_date_or_for_another_name_is_not_taken_for_inspection() {
    let scene = Scene::begin();
    let phone = scene.phone_with_a_scan();
    let old = scene.authority.certify_until_2020(NAME);
    assert_eq!(
        scene.obstacle(&phone, old),
        Obstacle::CertificateNotValidNow
    );
    let portal = scene.authority.certify("login.wifi.example");
    assert_eq!(scene.obstacle(&phone, portal), Obstacle::CaptivePortal);
}
