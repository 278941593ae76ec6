//! The thread that owns the database while the app runs.

use tokio::sync::{mpsc, oneshot};

use super::{Store, StoreProblem};

/// How many jobs may wait; a disk that is slower than that delays the answers, nothing else.
const WAITING_JOBS: usize = 32;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// The way to the thread. It ends, with the database closed, when all of these are dropped.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    jobs: mpsc::Sender<Job>,
}

impl Keeper {
    pub(crate) fn start(mut store: Store) -> std::io::Result<Self> {
        let (jobs, mut inbox) = mpsc::channel::<Job>(WAITING_JOBS);
        std::thread::Builder::new()
            .name("roost-storage".to_owned())
            .spawn(move || {
                while let Some(job) = inbox.blocking_recv() {
                    job(&mut store);
                }
            })?;
        Ok(Self { jobs })
    }

    /// Does something with the database, after all that was asked before, and says what came of
    /// it.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreProblem> + Send + 'static,
    ) -> Result<T, StoreProblem> {
        let (reply, result) = oneshot::channel();
        let job = Box::new(move |store: &mut Store| {
            let result = work(store);
            if let Err(problem) = &result {
                tracing::error!(%problem, "the storage failed");
            }
            // Whoever asked may not care.
            let _ = reply.send(result);
        });
        self.jobs.send(job).await.map_err(|_| StoreProblem::Ended)?;
        result.await.map_err(|_| StoreProblem::Ended)?
    }
}
