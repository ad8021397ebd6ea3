// Errors of the core as exceptions of ours.

package dev.kokoni.core

import dev.kokoni.core.ffi.errorText
import dev.kokoni.core.ffi.KokoniException as FfiException
import dev.kokoni.core.ffi.Language as FfiLanguage

/** The exception of ours, with its sentence in both languages. */
internal fun FfiException.toKokoniException(): Exception {
    val words = Words(errorText(this, FfiLanguage.JAPANESE), errorText(this, FfiLanguage.ENGLISH))
    return when (this) {
        is FfiException.Input -> KokoniException.Input(problem.toKotlin(), words)
        is FfiException.OthersRecordsWait -> KokoniException.OthersRecordsWait(waiting, words)
        is FfiException.Offline -> KokoniException.Offline(obstacle, words)
        is FfiException.Refused -> KokoniException.Refused(status, words)
        is FfiException.Cancelled -> CallCancelled()
        is FfiException.ShutDown -> KokoniException.Closed(words)
        is FfiException.Internal -> KokoniException.Internal(place, words)
        is FfiException.NotEnrolled -> KokoniException.NotEnrolled(words)
        is FfiException.CodeNotValid -> KokoniException.CodeNotValid(words)
        is FfiException.SignInNeeded -> KokoniException.SignInNeeded(words)
        is FfiException.AppTooOld -> KokoniException.AppTooOld(words)
        is FfiException.NoSuchRecord -> KokoniException.NoSuchRecord(words)
        is FfiException.StorageFull -> KokoniException.StorageFull(words)
        is FfiException.StorageFailed -> KokoniException.StorageFailed(words)
        is FfiException.StorageDamaged -> KokoniException.StorageDamaged(words)
        is FfiException.StorageFromTheFuture -> KokoniException.StorageFromTheFuture(words)
        is FfiException.DatabaseInUse -> KokoniException.DatabaseInUse(words)
        is FfiException.KeyMissing -> KokoniException.KeyMissing(words)
        is FfiException.KeyWrong -> KokoniException.KeyWrong(words)
        is FfiException.SecretsLocked -> KokoniException.SecretsLocked(words)
        is FfiException.SecretsFailed -> KokoniException.SecretsFailed(words)
        is FfiException.DeadlineReached -> KokoniException.DeadlineReached(words)
    }
}
