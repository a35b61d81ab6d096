//! Fits side by side, each timed by itself.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::BenchmarkError;

/// Does each task on one of the threads of the pool it is called in, with its share of them.
///
/// A thread that waits for a part of its task must not take up another whole task meanwhile: the time of the
/// one would count for the other. So each worker has a pool of its own.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    tasks: &[T],
    work: impl Fn(&T) -> Result<R, BenchmarkError> + Sync,
) -> Result<Vec<R>, BenchmarkError> {
    let threads = rayon::current_num_threads();
    let workers = threads.min(tasks.len()).max(1);
    let next = AtomicUsize::new(0);
    let worker = || {
        let own = (threads / workers).max(1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(own).build();
        let pool = pool.map_err(|_| BenchmarkError::Threads { threads: own })?;
        let mut done = Vec::new();
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = pool.install(|| work(task));
            if found.is_err() {
                next.store(tasks.len(), Ordering::Relaxed);
            }
            done.push(found?);
        }
        Ok::<Vec<R>, BenchmarkError>(done)
    };
    let mut done = Vec::with_capacity(tasks.len());
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        for worker in running {
            done.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_every_task_is_done_once_and_an_error_ends_the_others() {
        let tasks: Vec<usize> = (0..50).collect();
        let mut done = side_by_side(&tasks, |task| Ok(*task)).unwrap();
        done.sort_unstable();
        assert_eq!(done, tasks);
        let refused = side_by_side(&tasks, |task| match task {
            7 => Err(BenchmarkError::NoModel),
            _ => Ok(*task),
        });
        assert!(matches!(refused, Err(BenchmarkError::NoModel)));
    }
}
