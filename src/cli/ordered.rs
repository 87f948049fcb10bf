//! Work on many items at once, results in the order of the items, memory bounded.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

/// How far the fastest worker may be ahead of the oldest unfinished item, in items a thread: enough to keep
/// all threads busy behind one slow item, little enough to hold few results.
const WINDOW: usize = 8;

/// The main thread's stack; workers get no less.
const STACK: usize = 8 << 20;

struct Queue<I> {
    items: I,
    given: usize,
    taken: usize,
    stopped: bool,
}

struct Shared<I> {
    queue: Mutex<Queue<I>>,
    room: Condvar,
    window: usize,
}

impl<I: Iterator> Shared<I> {
    fn lock(&self) -> MutexGuard<'_, Queue<I>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item and its number, once there is room in the window.
    fn next(&self) -> Option<(usize, I::Item)> {
        let mut queue = self.lock();
        while !queue.stopped && queue.given >= queue.taken + self.window {
            queue = self.room.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.stopped {
            return None;
        }
        let item = queue.items.next()?;
        queue.given += 1;
        Some((queue.given - 1, item))
    }

    fn advance(&self, taken: usize, stopped: bool) {
        let mut queue = self.lock();
        queue.taken = taken;
        queue.stopped |= stopped;
        drop(queue);
        self.room.notify_all();
    }
}

/// Applies `work` to every item on `threads` threads and hands the results to `take` in the order of the
/// items, until `take` breaks. `work` must not panic, or the results behind it never come.
///
/// Plain threads, not a work-stealing pool: a worker waits here for the window to move, and a pool could hand
/// the item that moves it to the very thread that waits.
pub(crate) fn for_each<I, R>(
    items: I,
    threads: usize,
    work: impl Fn(I::Item) -> R + Sync,
    mut take: impl FnMut(R) -> ControlFlow<()>,
) where
    I: Iterator + Send,
    R: Send,
{
    if threads <= 1 {
        let _ = items.map(work).try_for_each(take);
        return;
    }
    let queue = Queue { items, given: 0, taken: 0, stopped: false };
    let shared = Shared { queue: Mutex::new(queue), room: Condvar::new(), window: threads * WINDOW };
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let mut started = 0;
        for _ in 0..threads {
            let (sender, shared, work) = (sender.clone(), &shared, &work);
            let worker = move || {
                while let Some((number, item)) = shared.next() {
                    if sender.send((number, work(item))).is_err() {
                        break;
                    }
                }
            };
            let spawned = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker);
            started += usize::from(spawned.is_ok());
        }
        drop(sender);
        if started == 0 {
            // No thread to be had: this one does the work.
            while let Some((number, item)) = shared.next() {
                let flow = take(work(item));
                shared.advance(number + 1, flow.is_break());
            }
            return;
        }
        let mut waiting = BTreeMap::new();
        let mut taken = 0;
        for (number, result) in receiver {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&taken) {
                taken += 1;
                let flow = take(result);
                shared.advance(taken, flow.is_break());
                if flow.is_break() {
                    return;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn results_come_in_order_whatever_they_take() {
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            let work = |item: u64| {
                thread::sleep(Duration::from_micros((item * 7919) % 300));
                item * item
            };
            for_each(0..200u64, threads, work, |square| {
                seen.push(square);
                ControlFlow::Continue(())
            });
            assert_eq!(seen, (0..200).map(|item| item * item).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn a_break_stops_endless_work() {
        for threads in [1, 3] {
            let mut count = 0;
            for_each(
                0..,
                threads,
                |item: u64| item,
                |_| {
                    count += 1;
                    if count == 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                },
            );
            assert_eq!(count, 50);
        }
    }

    #[test]
    fn nobody_runs_ahead_of_the_window() {
        let given = std::sync::atomic::AtomicUsize::new(0);
        let order = std::sync::atomic::Ordering::SeqCst;
        let items = (0..500usize).inspect(|_| {
            given.fetch_add(1, order);
        });
        let mut taken = 0;
        for_each(
            items,
            2,
            |item| item,
            |_| {
                taken += 1;
                assert!(given.load(order) <= taken + 2 * WINDOW);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(taken, 500);
    }
}
