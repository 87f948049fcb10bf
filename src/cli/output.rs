//! Where documents go: standard output, one file, or a folder that mirrors the inputs.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::args::Format;
use super::frame::Frame;
use super::input::Input;
use super::{Stop, reason};

/// How the names of files begin that are written beside their place first.
const UNFINISHED: &str = ".retabulate-";

/// Writes a file whole or not at all: beside its place first, then moved there. A file that stood there leaves its rights.
///
/// The file is locked while it is written. A run that is killed leaves it behind unlocked, which is how the next run
/// knows that nobody will finish it.
pub(crate) struct AtomicFile {
    file: io::BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl AtomicFile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let folder = folder_of(path);
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED);
        // A temporary file is for its owner alone; the result gets the rights of any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = loop {
            let file = builder.tempfile_in(folder)?;
            // Not every file system has locks. Another run may have taken the file for a left one before it was locked.
            let _ = file.as_file().lock();
            if file.path().exists() {
                break file;
            }
        };
        Ok(Self { file: io::BufWriter::new(file), path: path.to_owned() })
    }

    pub(crate) fn persist(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        if let Ok(earlier) = fs::metadata(&self.path) {
            // Not every file system has rights.
            let _ = file.as_file().set_permissions(earlier.permissions());
        }
        file.as_file().sync_data()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The folder that a file stands in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Takes away what a run that was killed has left in `folder`.
fn remove_unfinished(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes())
            && entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_ours
            && let Ok(file) = fs::File::options().write(true).open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A folder of outputs, one a document; written from many threads.
pub(crate) struct Folder {
    root: PathBuf,
    format: Format,
    /// Inputs, below which nothing is written.
    protected: Vec<PathBuf>,
    /// Places taken in this run: two inputs must not end in one file.
    taken: Mutex<HashSet<PathBuf>>,
    /// Folders in which no earlier run has left anything any more.
    swept: Mutex<HashSet<PathBuf>>,
}

impl Folder {
    /// Makes the folder at `path`, if it is not there. It may lie inside an input folder, but not be one.
    pub(crate) fn create(path: &Path, format: Format, inputs: &[PathBuf]) -> Result<Self, Stop> {
        let made = fs::create_dir_all(path).and_then(|()| path.canonicalize());
        let root = made.map_err(|error| {
            Stop::Message(format!("cannot make folder {}: {}", path.display(), reason(&error)))
        })?;
        let mut protected: Vec<PathBuf> =
            inputs.iter().filter_map(|input| input.canonicalize().ok()).collect();
        if protected.contains(&root) {
            return Err(Stop::Message(format!("{} is both input and output folder", path.display())));
        }
        // What lies in an output folder inside an input folder is never read.
        protected.retain(|input| !root.starts_with(input));
        Ok(Self { root, format, protected, taken: Mutex::default(), swept: Mutex::default() })
    }

    /// The folder, links resolved.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes the document of `input` to its place; the error is a message.
    pub(crate) fn write(&self, input: &Input, document: &[u8]) -> Result<(), String> {
        let mut place = self.root.join(&input.below).into_os_string();
        place.push(".");
        place.push(self.format.extension());
        let place = PathBuf::from(place);
        let failed = |reason: &str| Err(format!("cannot write {}: {reason}", place.display()));
        if place.canonicalize().is_ok_and(|place| self.protected.iter().any(|input| place.starts_with(input)))
        {
            return failed("it is an input");
        }
        if !self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone()) {
            return failed("another input of this name was written there; give them different folders");
        }
        self.write_place(&place, document).or_else(|error| failed(&reason(&error)))
    }

    fn write_place(&self, place: &Path, document: &[u8]) -> io::Result<()> {
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
            if self.swept.lock().unwrap_or_else(PoisonError::into_inner).insert(parent.to_owned()) {
                remove_unfinished(parent);
            }
        }
        let mut file = AtomicFile::create(place)?;
        let mut frame = Frame::new(self.format, false);
        file.write_all(frame.open())?;
        let (before, length) = frame.next(document);
        file.write_all(before)?;
        file.write_all(document.get(..length).unwrap_or(document))?;
        file.write_all(frame.close())?;
        file.persist()
    }
}

/// One stream of documents: standard output or a file.
pub(crate) struct Stream {
    sink: Sink,
    target: String,
    frame: Frame,
}

enum Sink {
    Out(Box<dyn Write>),
    File(AtomicFile),
}

impl Sink {
    /// What `path` names, links followed. A device or pipe is written into: a file in its place would end it for everyone.
    fn at(path: &Path) -> io::Result<Self> {
        let place = path.canonicalize();
        let path = place.as_deref().unwrap_or(path);
        if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            return Ok(Self::Out(Box::new(fs::File::options().write(true).open(path)?)));
        }
        remove_unfinished(folder_of(path));
        AtomicFile::create(path).map(Self::File)
    }
}

impl Stream {
    /// Standard output, or the file at `path`.
    pub(crate) fn open(path: Option<&Path>, frame: Frame, color: bool) -> Result<Self, Stop> {
        let target = path.map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
        let sink = match path {
            // Colours reach old Windows consoles through anstream alone.
            None if color => Sink::Out(Box::new(anstream::AutoStream::always(io::stdout()))),
            None => Sink::Out(Box::new(io::stdout())),
            Some(path) => Sink::at(path).map_err(|error| Stop::writing(&target, &error))?,
        };
        let mut stream = Self { sink, target, frame };
        stream.write(frame.open())?;
        Ok(stream)
    }

    pub(crate) fn document(&mut self, document: &[u8]) -> Result<(), Stop> {
        let (before, length) = self.frame.next(document);
        self.write(before)?;
        self.write(document.get(..length).unwrap_or(document))
    }

    pub(crate) fn close(mut self) -> Result<(), Stop> {
        self.write(self.frame.close())?;
        let closed = match self.sink {
            Sink::Out(mut out) => out.flush(),
            Sink::File(file) => file.persist(),
        };
        closed.map_err(|error| Stop::writing(&self.target, &error))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let written = match &mut self.sink {
            Sink::Out(out) => out.write_all(bytes),
            Sink::File(file) => file.write_all(bytes),
        };
        written.map_err(|error| Stop::writing(&self.target, &error))
    }
}
