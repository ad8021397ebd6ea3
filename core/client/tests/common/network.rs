//! A network that loses, repeats and breaks what it is told to.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kokoni_client::Cancel;
use kokoni_client::ports::Transport;
use kokoni_client::transport::{HttpRequest, HttpResponse, TransportError};

use super::server::FakeServer;

/// What the network does to one exchange.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The request never arrives.
    LoseRequest(TransportError),
    /// The request arrives, its answer does not.
    LoseAnswer(TransportError),
    /// The request arrives twice; the second answer comes back.
    Twice,
    /// A batch that was sent before arrives once more, before this request.
    Late,
    /// Somebody else answers.
    Answer(HttpResponse),
    /// The call is cancelled on the way.
    CancelThen,
}

impl Transport for FakeServer {
    fn exchange(
        &self,
        request: &HttpRequest,
        _within: Duration,
        cancel: &Cancel,
    ) -> Result<HttpResponse, TransportError> {
        let fault = self
            .faults
            .lock()
            .expect("unpoisoned")
            .pop_front()
            .flatten();
        match fault {
            None => Ok(self.answer(request)),
            Some(Fault::LoseRequest(error)) => Err(error),
            Some(Fault::LoseAnswer(error)) => {
                self.answer(request);
                Err(error)
            }
            Some(Fault::Twice) => {
                self.answer(request);
                Ok(self.answer(request))
            }
            Some(Fault::Late) => {
                let before = self.sent.lock().expect("unpoisoned").first().cloned();
                if let Some(late) = before {
                    self.answer(&late);
                }
                Ok(self.answer(request))
            }
            Some(Fault::Answer(response)) => Ok(response),
            Some(Fault::CancelThen) => {
                cancel.cancel();
                Ok(self.answer(request))
            }
        }
    }
}

/// A network on which something happens once, after the server has answered a request and before the
/// phone hears of it.
pub(crate) struct Meanwhile {
    server: Arc<FakeServer>,
    happens: Mutex<Option<(&'static str, Happening)>>,
}

type Happening = Box<dyn FnOnce() + Send>;

impl Meanwhile {
    pub(crate) fn new(server: &Arc<FakeServer>) -> Arc<Self> {
        Arc::new(Self {
            server: server.clone(),
            happens: Mutex::default(),
        })
    }

    /// What happens while the next request to this path is under way.
    pub(crate) fn during(&self, path: &'static str, happening: impl FnOnce() + Send + 'static) {
        let happening: Happening = Box::new(happening);
        *self.happens.lock().expect("unpoisoned") = Some((path, happening));
    }

    /// Whether it has happened.
    pub(crate) fn happened(&self) -> bool {
        self.happens.lock().expect("unpoisoned").is_none()
    }
}

impl Transport for Meanwhile {
    fn exchange(
        &self,
        request: &HttpRequest,
        within: Duration,
        cancel: &Cancel,
    ) -> Result<HttpResponse, TransportError> {
        let answer = self.server.exchange(request, within, cancel);
        let now = {
            let mut happens = self.happens.lock().expect("unpoisoned");
            happens.take_if(|(path, _)| request.url.contains(*path))
        };
        if let Some((_, happening)) = now {
            happening();
        }
        answer
    }
}
