//! The inputs that the arguments name, one at a time.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use retabulate::text::{Part, Parts};
use walkdir::{DirEntry, WalkDir};

/// One text to rebuild.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// What it is called in messages and in the output.
    pub(crate) name: String,
    /// Where its output stands below an output folder, the ending left off.
    pub(crate) below: PathBuf,
    kind: InputKind,
}

#[derive(Clone, Debug)]
enum InputKind {
    Stdin,
    /// A file that an argument names.
    Named(PathBuf),
    /// A file that was found in a folder; passed over where it is not text.
    Found(PathBuf),
    /// One of the documents of an input that was read.
    Part(Arc<Vec<u8>>, Part),
    /// Something that cannot be read, and why.
    Bad(String),
}

/// What reading an input gave.
#[derive(Debug)]
pub(crate) enum Content<'i> {
    Bytes(Cow<'i, [u8]>),
    /// A file in a folder that is not text.
    Binary,
    /// The reason why there is nothing.
    Unreadable(String),
}

/// Reads a file as long as it was when it was opened: one that grows faster than it is read would have no end.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = fs::File::open(path)?;
    let length = file.metadata().map(|metadata| if metadata.is_file() { metadata.len() } else { 0 })?;
    let mut bytes = Vec::new();
    if length == 0 {
        // Not a plain file, or one that does not say how long it is.
        file.read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    bytes
        .try_reserve(usize::try_from(length).unwrap_or(usize::MAX))
        .map_err(|_| io::ErrorKind::OutOfMemory)?;
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Input {
    /// Reads the whole input.
    pub(crate) fn read(&self) -> Content<'_> {
        let read = match &self.kind {
            InputKind::Stdin => {
                let mut bytes = Vec::new();
                io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
            }
            InputKind::Named(path) | InputKind::Found(path) => read_file(path),
            InputKind::Part(bytes, part) => {
                return Content::Bytes(Cow::Borrowed(
                    bytes.get(part.span.start..part.span.end).unwrap_or_default(),
                ));
            }
            InputKind::Bad(reason) => return Content::Unreadable(reason.clone()),
        };
        match read {
            Ok(bytes) if matches!(self.kind, InputKind::Found(_)) && is_binary(&bytes) => Content::Binary,
            Ok(bytes) => Content::Bytes(Cow::Owned(bytes)),
            Err(error) => Content::Unreadable(super::reason(&error)),
        }
    }

    /// Where the bytes stand in those of the file, if they are a part of them, and all bytes of the file.
    pub(crate) fn part(&self) -> Option<(&[u8], &Part)> {
        match &self.kind {
            InputKind::Part(bytes, part) => Some((bytes, part)),
            _ => None,
        }
    }

    /// The documents of the input between lines that are `mark`, read once; what cannot be read stays as it is.
    fn parts(self, mark: &str) -> Vec<Input> {
        let bytes = match self.read() {
            Content::Bytes(bytes) => Arc::new(bytes.into_owned()),
            Content::Binary => return vec![self],
            Content::Unreadable(reason) => {
                return vec![Self { kind: InputKind::Bad(reason), ..self }];
            }
        };
        let numbered = |(index, part): (usize, Part)| {
            let mut below = self.below.clone().into_os_string();
            below.push(format!(".{}", index + 1));
            let kind = InputKind::Part(Arc::clone(&bytes), part);
            Self { name: self.name.clone(), below: below.into(), kind }
        };
        Parts::new(&bytes, mark.as_bytes()).enumerate().map(numbered).collect()
    }

    fn stdin() -> Self {
        Self { name: "-".to_owned(), below: PathBuf::from("stdin"), kind: InputKind::Stdin }
    }

    fn named(path: &Path) -> Self {
        let below = path.file_name().map_or_else(|| PathBuf::from("input"), PathBuf::from);
        Self { name: path.display().to_string(), below, kind: InputKind::Named(path.to_owned()) }
    }

    fn found(root: &Path, path: PathBuf) -> Self {
        let below = path.strip_prefix(root).unwrap_or(&path);
        let below = below.components().filter(|part| matches!(part, Component::Normal(_))).collect();
        Self { name: path.display().to_string(), below, kind: InputKind::Found(path) }
    }

    fn bad(name: String, reason: String) -> Self {
        Self { below: PathBuf::from(&name), name, kind: InputKind::Bad(reason) }
    }
}

/// Whether this is no text: a NUL, or the head of a PDF, near the start.
fn is_binary(bytes: &[u8]) -> bool {
    let head = bytes.get(..8192).unwrap_or(bytes);
    head.starts_with(b"%PDF-") || memchr::memchr(0, head).is_some()
}

/// What [`inputs`] gives, each parted into its documents where `mark` says what stands between two.
pub(crate) fn documents<'a>(
    arguments: &'a [PathBuf],
    skip: Option<&'a Path>,
    mark: Option<&'a str>,
) -> impl Iterator<Item = Input> + Send + 'a {
    inputs(arguments, skip).flat_map(move |input| match mark {
        Some(mark) => input.parts(mark),
        None => vec![input],
    })
}

/// Walks the arguments in order, folders in the order of their names, without reading ahead. `skip` is the
/// output folder: what an earlier run wrote there is no input.
pub(crate) fn inputs<'a>(
    arguments: &'a [PathBuf],
    skip: Option<&'a Path>,
) -> impl Iterator<Item = Input> + Send + 'a {
    let mut stdin_taken = false;
    arguments.iter().flat_map(move |argument| -> Box<dyn Iterator<Item = Input> + Send + 'a> {
        if argument.as_os_str() == "-" {
            let repeated = std::mem::replace(&mut stdin_taken, true);
            let twice = || Input::bad("-".to_owned(), "standard input is given twice".to_owned());
            return Box::new(std::iter::once(if repeated { twice() } else { Input::stdin() }));
        }
        if !argument.is_dir() {
            return Box::new(std::iter::once(Input::named(argument)));
        }
        Box::new(walk(argument, skip))
    })
}

fn walk<'a>(root: &'a Path, skip: Option<&'a Path>) -> impl Iterator<Item = Input> + Send + 'a {
    let wanted = move |entry: &DirEntry| {
        let hidden = entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
        let is_output = || {
            skip.is_some()
                && entry.file_type().is_dir()
                && entry.path().canonicalize().ok().as_deref() == skip
        };
        !(hidden || is_output())
    };
    WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(wanted).filter_map(move |entry| {
        match entry {
            // Links are followed only to files, so that no circle of folders is walked.
            Ok(entry) => entry.path().is_file().then(|| Input::found(root, entry.into_path())),
            Err(error) => {
                let name = error.path().unwrap_or(root).display().to_string();
                let reason = error.io_error().map_or_else(|| error.to_string(), super::reason);
                Some(Input::bad(name, reason))
            }
        }
    })
}
