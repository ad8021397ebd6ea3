//! Secrets in files that only their owner can read: for computers without a keystore.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{SecretError, SecretStore};

/// A folder (0700) with a file (0600) for each secret.
#[derive(Clone, Debug)]
pub struct FileSecretStore {
    folder: PathBuf,
}

impl FileSecretStore {
    /// Secrets in this folder, which is made, with its parents, where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made or its permissions not be set.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        make_private_folder(&folder)?;
        Ok(Self { folder })
    }

    fn path(&self, name: &str) -> Result<PathBuf, SecretError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(SecretError::Failed);
        }
        Ok(self.folder.join(format!("{name}.secret")))
    }

    fn write(&self, path: &Path, value: &[u8]) -> io::Result<()> {
        let fresh = path.with_extension(format!("new-{}", std::process::id()));
        let mut file = private_file(&fresh)?;
        file.write_all(value)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        sync_folder(&self.folder)
    }
}

impl SecretStore for FileSecretStore {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        let mut value = Zeroizing::new(Vec::new());
        match File::open(self.path(name)?) {
            Ok(mut file) => file
                .read_to_end(&mut value)
                .map(|_| Some(value))
                .map_err(|_| SecretError::Failed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(SecretError::Failed),
        }
    }

    fn set(&self, name: &str, value: &[u8]) -> Result<(), SecretError> {
        self.write(&self.path(name)?, value)
            .map_err(|_| SecretError::Failed)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        match fs::remove_file(self.path(name)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(SecretError::Failed),
            _ => Ok(()),
        }
    }
}

/// Makes a folder that only its owner can enter, or narrows one that is there. The names of what is
/// made, with the parents that are missing, are durable: else a power cut could take the folder away
/// from around files that were synced.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700).create(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    builder.create(folder)?;
    let parents = missing.iter().filter_map(|folder| folder.parent());
    parents.map(here_if_empty).try_for_each(sync_folder)
}

/// The parent of a relative path's first folder has no name.
fn here_if_empty(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
}

/// Makes or empties a file that only its owner can read.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    private_options().write(true).truncate(true).open(path)
}

/// Options that make a missing file readable by its owner only.
pub(crate) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_replaced_and_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = FileSecretStore::open(folder.path().join("a/b")).expect("opens");
        assert_eq!(store.get("tokens"), Ok(None));
        store.set("tokens", b"one").expect("kept");
        store.set("tokens", b"two").expect("replaced");
        let again = FileSecretStore::open(folder.path().join("a/b")).expect("opens");
        assert_eq!(
            again.get("tokens").expect("read").as_deref(),
            Some(&b"two".to_vec())
        );
        store.remove("tokens").expect("forgotten");
        store.remove("tokens").expect("forgotten already");
        assert_eq!(again.get("tokens"), Ok(None));
    }

    #[test]
    #[cfg(unix)]
    fn only_its_owner_can_read_a_secret() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("secrets");
        fs::create_dir(&inside).expect("made");
        fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).expect("opened up");
        let store = FileSecretStore::open(&inside).expect("opens");
        store.set("tokens", b"x").expect("kept");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&inside), 0o700);
        assert_eq!(mode(&inside.join("tokens.secret")), 0o600);
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = FileSecretStore::open(folder.path()).expect("opens");
        assert_eq!(store.set("../x", b"y"), Err(SecretError::Failed));
        assert_eq!(store.get(""), Err(SecretError::Failed));
    }
}
