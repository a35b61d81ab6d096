//! Fits side by side, each on threads of its own.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The system gave no threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{threads} threads can't be had; permitted: what the system allows, 0 for as many as it has")]
pub struct ThreadsError {
    /// Number asked for.
    pub threads: usize,
}

/// Does each task on one of the threads of the pool it is called in, with its share of them, and gives what they found
/// in the order of the tasks.
///
/// A thread that waits for a part of its task must not take up another whole task meanwhile: the time of the
/// one would count for the other, and the memory of both. So each worker has a pool of its own.
///
/// # Errors
/// The first error of a task, which ends the others, or [`ThreadsError`].
pub fn side_by_side<T: Sync, R: Send, E: From<ThreadsError> + Send>(
    tasks: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let threads = rayon::current_num_threads();
    let workers = threads.min(tasks.len()).max(1);
    let next = AtomicUsize::new(0);
    let worker = || {
        let own = (threads / workers).max(1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(own).build();
        let pool = pool.map_err(|_| ThreadsError { threads: own })?;
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = tasks.get(place) else { return Ok::<Vec<(usize, R)>, E>(done) };
            let found = pool.install(|| work(task));
            if found.is_err() {
                next.store(tasks.len(), Ordering::Relaxed);
            }
            done.push((place, found?));
        }
    };
    let mut done = Vec::with_capacity(tasks.len());
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        for worker in running {
            done.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok::<(), E>(())
    })?;
    done.sort_unstable_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, found)| found).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_every_task_is_done_once_in_order_and_an_error_ends_the_others() {
        let tasks: Vec<usize> = (0..50).collect();
        assert_eq!(side_by_side(&tasks, |task| Ok::<_, ThreadsError>(*task)), Ok(tasks.clone()));
        let refused = side_by_side(&tasks, |task| match task {
            7 => Err(ThreadsError { threads: 7 }),
            _ => Ok(*task),
        });
        assert_eq!(refused, Err(ThreadsError { threads: 7 }));
    }
}
