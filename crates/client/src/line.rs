//! The way to the platform of one account: sends a call once, or, when repeating does no harm,
//! a few times.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use reqwest::multipart::{Form, Part};
use wire::{Endpoint, Reaction, codes, media};

use crate::answer::{Judgement, judge};
use crate::call::{Body, Call};
use crate::error::takes_secret;
use crate::settings::Timeouts;
use crate::{Budgets, Doubt, Error, Limit, Secret};

/// Between tries of a safe call; in real time, since the platform is busy in real time.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1_200)];
/// A time-out costs many seconds: such a call is tried twice, not four times.
const TIMEOUTS: u32 = 2;

pub(crate) struct Line {
    http: reqwest::Client,
    base: String,
    secret: Secret,
    timeouts: Timeouts,
    pub(crate) budgets: Budgets,
}

impl Line {
    pub(crate) fn new(
        http: reqwest::Client,
        base: String,
        secret: Secret,
        timeouts: Timeouts,
        budgets: Budgets,
    ) -> Self {
        Self { http, base, secret, timeouts, budgets }
    }

    /// Sends a call; one of a safe endpoint again when the failure may well pass.
    pub(crate) async fn patiently(
        &self,
        call: &Call,
        token: Option<&Secret>,
    ) -> Result<Bytes, Error> {
        let mut timeouts = 0;
        for pause in PAUSES {
            let error = match self.once(call, token).await {
                Err(error) if call.is_safe() && error.is_passing() => error,
                other => return other,
            };
            if matches!(error, Error::Doubtful { why: Doubt::TimedOut { .. }, .. }) {
                timeouts += 1;
            }
            if timeouts == TIMEOUTS {
                return Err(error);
            }
            tracing::debug!(%error, pause_ms = pause.as_millis(), "repeating a safe call");
            tokio::time::sleep(pause).await;
        }
        self.once(call, token).await
    }

    /// Sends a call once.
    pub(crate) async fn once(&self, call: &Call, token: Option<&Secret>) -> Result<Bytes, Error> {
        let endpoint = call.endpoint;
        self.budgets.take(endpoint)?;
        let answer = async {
            let answer = self.request(call, token)?.send().await?;
            Ok((answer.status().as_u16(), answer.bytes().await?))
        };
        let (status, body) = match answer.await {
            Ok(answer) => answer,
            Err(failure) => {
                let error = failed(endpoint, failure, self.timeouts);
                if matches!(error, Error::NotSent { .. }) {
                    self.budgets.give_back(endpoint);
                }
                return Err(error);
            }
        };
        let secrets: Vec<&Secret> = token.into_iter().chain([&self.secret]).collect();
        match judge(status, &body, &secrets) {
            Judgement::Done => Ok(body),
            Judgement::Doubtful(why) => Err(Error::Doubtful { endpoint, why }),
            Judgement::Refused(refusal) => {
                tracing::debug!(%endpoint, errcode = refusal.errcode.0, "refused");
                Err(self.refused(call, refusal))
            }
        }
    }

    fn refused(&self, call: &Call, refusal: wire::Refusal) -> Error {
        let endpoint = call.endpoint;
        match refusal.errcode {
            codes::DAY_LIMIT_REACHED => self.budgets.used_up(endpoint, Limit::Day, refusal),
            codes::MINUTE_LIMIT_REACHED => self.budgets.used_up(endpoint, Limit::Minute, refusal),
            errcode => match errcode.reaction() {
                // "Busy" may be said after the work has begun.
                Reaction::RetryLater if !call.is_safe() => {
                    Error::Doubtful { endpoint, why: Doubt::Busy { refusal } }
                }
                // There is no token to refresh here: 40001 is about the AppSecret
                // (`platform/02 §1`).
                Reaction::RefreshToken if takes_secret(endpoint) => {
                    Error::Refused { endpoint, refusal, reaction: Reaction::AskOperator }
                }
                reaction => Error::Refused { endpoint, refusal, reaction },
            },
        }
    }

    fn request(
        &self,
        call: &Call,
        token: Option<&Secret>,
    ) -> Result<reqwest::RequestBuilder, reqwest::Error> {
        let url = self.url(call.endpoint);
        let request = if call.endpoint.is_get() { self.http.get(url) } else { self.http.post(url) };
        let (http, request) = request.timeout(self.timeouts.of(call.endpoint)).build_split();
        let mut request = request?;
        {
            let mut query = request.url_mut().query_pairs_mut();
            query.extend_pairs(token.map(|token| ("access_token", token.reveal())));
            query.extend_pairs(call.query.iter().map(|(name, value)| (*name, value.as_str())));
        }
        let builder = reqwest::RequestBuilder::from_parts(http, request);
        Ok(match &call.body {
            Body::None => builder,
            Body::Json(bytes) => {
                builder.header(CONTENT_TYPE, "application/json; charset=utf-8").body(bytes.clone())
            }
            Body::Picture { bytes, file, kind } => {
                let size = bytes.len() as u64;
                let part = Part::stream_with_length(bytes.clone(), size)
                    .file_name(*file)
                    .mime_str(kind)?;
                builder.multipart(Form::new().part(media::FILE_FIELD, part))
            }
        })
    }

    fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.base, endpoint.path())
    }
}

/// Tells apart what certainly did not reach the platform from what may have.
fn failed(endpoint: Endpoint, failure: reqwest::Error, timeouts: Timeouts) -> Error {
    // An address holds the token.
    let failure = failure.without_url();
    if failure.is_connect() || failure.is_builder() {
        return Error::NotSent { endpoint, why: cause(&failure) };
    }
    let why = if failure.is_timeout() {
        Doubt::TimedOut { seconds: timeouts.of(endpoint).as_secs() }
    } else {
        Doubt::Cut { why: cause(&failure) }
    };
    Error::Doubtful { endpoint, why }
}

/// The innermost words, which name the network's own reason.
fn cause(failure: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = failure;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
