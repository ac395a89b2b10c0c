//! A build that sends no spans anywhere.

use http::Uri;
use tokio::runtime::Handle;
use tracing_subscriber::layer::Identity;

/// There is no way out for spans.
#[derive(Debug)]
pub enum Traces {}

impl Traces {
    pub fn to(_: &Uri, _: &Handle) -> Result<Self, String> {
        Err("this build sends no traces; build it with `--features otel`".to_owned())
    }

    pub fn layer(&self) -> Identity {
        match *self {}
    }

    pub fn end(self) {
        match self {}
    }
}
