//! One task writes. Jobs queue up; the task takes all that wait, runs them one after the other
//! inside one `BEGIN IMMEDIATE`, each in its own savepoint, commits once and then answers them all:
//! under load the price of a durable commit is shared.
//!
//! What always holds: an answer `Ok` means the write is on disk; a job that fails leaves nothing
//! behind and does not disturb its neighbours; jobs run in the order they were handed over. A crash
//! leaves exactly the groups that were committed, so every answered job and no half of any.

use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use crate::{Error, Tx};

/// What a write returns from its closure: `Box::pin(async move { … })`.
pub type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 't>>;

/// Jobs that may wait before callers are held back.
const QUEUE: usize = 1024;
/// A group is closed after this many jobs or this long, so that the first does not wait for ever.
const GROUP_JOBS: usize = 256;
const GROUP_TIME: Duration = Duration::from_millis(50);

/// A job is called once: with the transaction to run in, or with why it cannot run.
type Job = Box<dyn for<'t> FnOnce(Result<&'t mut Tx, Error>) -> Running<'t> + Send>;
type Running<'t> = Pin<Box<dyn Future<Output = Ran> + Send + 't>>;
/// Tells the caller, once it is known whether the group was committed.
type Answer = Box<dyn FnOnce(Result<(), Error>) + Send>;

struct Ran {
    keep: bool,
    answer: Answer,
}

enum Message {
    Job(Job),
    Close(oneshot::Sender<()>),
}

/// Hands jobs to the writing task.
#[derive(Clone)]
pub(crate) struct Writer {
    messages: mpsc::Sender<Message>,
}

impl Writer {
    /// Starts the task. `lock` is let go when the connection is closed.
    pub(crate) fn start(tx: Tx, lock: File) -> Self {
        let (messages, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(run(tx, waiting, lock));
        Self { messages }
    }

    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            Box::pin(async move {
                let result = match tx {
                    Ok(tx) => work(tx).await,
                    Err(error) => Err(error),
                };
                Ran {
                    keep: result.is_ok(),
                    answer: Box::new(move |committed| {
                        // A caller that went away has no use for the answer.
                        let _ = answer.send(result.and_then(|value| committed.map(|()| value)));
                    }),
                }
            })
        });
        self.messages.send(Message::Job(job)).await.map_err(|_| Error::Closed)?;
        answered.await.map_err(|_| Error::Closed)?
    }

    /// Waits until everything handed over is written and the connection is closed.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.messages.send(Message::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

async fn run(mut tx: Tx, mut waiting: mpsc::Receiver<Message>, lock: File) {
    let mut closers = Vec::new();
    while closers.is_empty() {
        match waiting.recv().await {
            Some(Message::Job(first)) => {
                closers.extend(group(&mut tx, first, &mut waiting).await);
            }
            Some(Message::Close(done)) => closers.push(done),
            None => break,
        }
    }
    waiting.close();
    if let Err(error) = tx.close().await {
        tracing::warn!(%error, "failed to close the database; the next start recovers it");
    }
    drop(lock);
    for closer in closers {
        let _ = closer.send(());
    }
}

/// Runs one group to its end. Returns whom to tell when the store was asked to close meanwhile.
async fn group(
    tx: &mut Tx,
    first: Job,
    waiting: &mut mpsc::Receiver<Message>,
) -> Option<oneshot::Sender<()>> {
    if let Err(error) = tx.begin().await {
        (first(Err(error)).await.answer)(Ok(()));
        return None;
    }
    let began = Instant::now();
    let mut answers = Vec::new();
    let mut closer = None;
    let mut broken = None;
    let mut next = Some(first);
    while let Some(job) = next.take() {
        match in_savepoint(tx, job).await {
            Ok(answer) => answers.extend(answer),
            Err((error, answer)) => {
                answers.extend(answer);
                broken = Some(error);
                break;
            }
        }
        if answers.len() < GROUP_JOBS && began.elapsed() < GROUP_TIME {
            match waiting.try_recv() {
                Ok(Message::Job(job)) => next = Some(job),
                Ok(Message::Close(done)) => closer = Some(done),
                Err(_) => {}
            }
        }
    }
    let committed = match broken {
        None => tx.commit().await,
        Some(error) => Err(error),
    };
    if committed.is_err() {
        tx.roll_back().await;
    }
    for answer in answers {
        answer(committed.clone());
    }
    closer
}

/// Runs one job. `Err` means the whole transaction is lost, as after a full disk.
async fn in_savepoint(tx: &mut Tx, job: Job) -> Result<Option<Answer>, (Error, Option<Answer>)> {
    if let Err(error) = tx.savepoint().await {
        let refused = job(Err(error.clone())).await;
        return Err((error, Some(refused.answer)));
    }
    // A panic inside a job must not take the only writer with it; its caller sees `Closed`.
    let ran = AssertUnwindSafe(job(Ok(tx))).catch_unwind().await.ok();
    let kept = match &ran {
        Some(Ran { keep: true, .. }) => tx.release().await,
        _ => tx.roll_back_job().await,
    };
    let answer = ran.map(|ran| ran.answer);
    match kept {
        Ok(()) => Ok(answer),
        Err(error) => Err((error, answer)),
    }
}
