//! The files of a folder and its subfolders, in name order.

use std::fs;
use std::path::{Path, PathBuf};

/// One file, or a place that could not be listed.
pub(crate) struct FolderEntry {
    pub(crate) path: PathBuf,
    pub(crate) problem: Option<String>,
}

/// Walks depth first; holds one folder's names at each level. Hidden files are passed over, links
/// to folders are not followed (they may form circles).
pub(crate) struct Files {
    levels: Vec<std::vec::IntoIter<PathBuf>>,
    problem: Option<FolderEntry>,
}

impl Files {
    pub(crate) fn new(folder: &Path) -> Self {
        let mut files = Self { levels: Vec::new(), problem: None };
        files.descend(folder);
        files
    }

    fn descend(&mut self, folder: &Path) {
        let listed = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>());
        match listed {
            Ok(mut paths) => {
                paths.retain(|path| {
                    path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
                });
                paths.sort();
                self.levels.push(paths.into_iter());
            }
            Err(error) => {
                let problem = Some(format!("the folder can't be listed: {error}"));
                self.problem = Some(FolderEntry { path: folder.to_owned(), problem });
            }
        }
    }
}

impl Iterator for Files {
    type Item = FolderEntry;

    fn next(&mut self) -> Option<FolderEntry> {
        loop {
            if let Some(problem) = self.problem.take() {
                return Some(problem);
            }
            let Some(path) = self.levels.last_mut()?.next() else {
                self.levels.pop();
                continue;
            };
            let is_folder = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir());
            if is_folder {
                self.descend(&path);
            } else if path.is_file() {
                return Some(FolderEntry { path, problem: None });
            }
        }
    }
}
