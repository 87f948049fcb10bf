//! Texts 64 bytes at a time, for searches that look at many bytes together.

/// Bytes that are looked at together.
pub(crate) const WINDOW: usize = 64;

/// Looks at the window at `start`; behind the text there is nothing but line ends.
#[inline]
pub(crate) fn look_at<T>(bytes: &[u8], start: usize, look: impl Fn(&[u8; WINDOW]) -> T) -> T {
    let rest = bytes.get(start..).unwrap_or_default();
    if let Some(window) = rest.first_chunk::<WINDOW>() {
        return look(window);
    }
    let mut window = [b'\n'; WINDOW];
    window.iter_mut().zip(rest).for_each(|(own, byte)| *own = *byte);
    look(&window)
}
