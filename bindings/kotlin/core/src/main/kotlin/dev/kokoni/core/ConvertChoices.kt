// The choices, there and back. Each `when` is exhaustive: a choice added in Rust fails to compile here.

package dev.kokoni.core

import dev.kokoni.core.ffi.Hint as FfiHint
import dev.kokoni.core.ffi.InputProblem as FfiInputProblem
import dev.kokoni.core.ffi.Language as FfiLanguage
import dev.kokoni.core.ffi.LogLevel as FfiLogLevel
import dev.kokoni.core.ffi.Platform as FfiPlatform
import dev.kokoni.core.ffi.ReadingMethod as FfiReadingMethod
import dev.kokoni.core.ffi.ReminderKind as FfiReminderKind
import dev.kokoni.core.ffi.ScanMeaning as FfiScanMeaning
import dev.kokoni.core.ffi.SyncEnd as FfiSyncEnd
import dev.kokoni.core.ffi.Tone as FfiTone
import dev.kokoni.core.ffi.Topic as FfiTopic
import dev.kokoni.core.ffi.Via as FfiVia
import dev.kokoni.core.ffi.Whereabouts as FfiWhereabouts

internal fun FfiLanguage.toKotlin(): Language =
    when (this) {
        FfiLanguage.JAPANESE -> Language.JAPANESE
        FfiLanguage.ENGLISH -> Language.ENGLISH
    }

internal fun Language.toRust(): FfiLanguage =
    when (this) {
        Language.JAPANESE -> FfiLanguage.JAPANESE
        Language.ENGLISH -> FfiLanguage.ENGLISH
    }

internal fun Platform.toRust(): FfiPlatform =
    when (this) {
        Platform.ANDROID -> FfiPlatform.ANDROID
        Platform.IOS -> FfiPlatform.IOS
        Platform.OTHER -> FfiPlatform.OTHER
    }

internal fun FfiTopic.toKotlin(): Topic =
    when (this) {
        FfiTopic.QUEUE -> Topic.QUEUE
        FfiTopic.ME -> Topic.ME
        FfiTopic.DIRECTORY -> Topic.DIRECTORY
        FfiTopic.SYNC -> Topic.SYNC
        FfiTopic.IDENTITY -> Topic.IDENTITY
    }

internal fun Via.toRust(): FfiVia =
    when (this) {
        Via.CAMERA -> FfiVia.CAMERA
        Via.TYPED -> FfiVia.TYPED
        Via.LINK -> FfiVia.LINK
    }

internal fun FfiScanMeaning.toKotlin(): ScanMeaning =
    when (this) {
        FfiScanMeaning.SIT -> ScanMeaning.SIT
        FfiScanMeaning.LEAVE -> ScanMeaning.LEAVE
        FfiScanMeaning.TELEWORK -> ScanMeaning.TELEWORK
        FfiScanMeaning.END_TELEWORK -> ScanMeaning.END_TELEWORK
        FfiScanMeaning.BORROW -> ScanMeaning.BORROW
        FfiScanMeaning.GIVE_BACK -> ScanMeaning.GIVE_BACK
        FfiScanMeaning.UNDECIDED -> ScanMeaning.UNDECIDED
    }

internal fun ScanMeaning.toRust(): FfiScanMeaning =
    when (this) {
        ScanMeaning.SIT -> FfiScanMeaning.SIT
        ScanMeaning.LEAVE -> FfiScanMeaning.LEAVE
        ScanMeaning.TELEWORK -> FfiScanMeaning.TELEWORK
        ScanMeaning.END_TELEWORK -> FfiScanMeaning.END_TELEWORK
        ScanMeaning.BORROW -> FfiScanMeaning.BORROW
        ScanMeaning.GIVE_BACK -> FfiScanMeaning.GIVE_BACK
        ScanMeaning.UNDECIDED -> FfiScanMeaning.UNDECIDED
    }

internal fun FfiHint.toKotlin(): Hint =
    when (this) {
        FfiHint.CLOSER -> Hint.CLOSER
        FfiHint.MOVE_BACK -> Hint.MOVE_BACK
        FfiHint.TOO_DARK -> Hint.TOO_DARK
        FfiHint.GLARE -> Hint.GLARE
        FfiHint.HOLD_STILL -> Hint.HOLD_STILL
    }

internal fun Hint.toRust(): FfiHint =
    when (this) {
        Hint.CLOSER -> FfiHint.CLOSER
        Hint.MOVE_BACK -> FfiHint.MOVE_BACK
        Hint.TOO_DARK -> FfiHint.TOO_DARK
        Hint.GLARE -> FfiHint.GLARE
        Hint.HOLD_STILL -> FfiHint.HOLD_STILL
    }

internal fun FfiReadingMethod.toKotlin(): ReadingMethod =
    when (this) {
        FfiReadingMethod.GENERAL -> ReadingMethod.GENERAL
        FfiReadingMethod.KNOWN_CODEWORDS -> ReadingMethod.KNOWN_CODEWORDS
        FfiReadingMethod.CATALOGUE -> ReadingMethod.CATALOGUE
    }

internal fun FfiTone.toKotlin(): Tone =
    when (this) {
        FfiTone.SUCCESS -> Tone.SUCCESS
        FfiTone.ATTENTION -> Tone.ATTENTION
        FfiTone.REFUSAL -> Tone.REFUSAL
        FfiTone.NEUTRAL -> Tone.NEUTRAL
    }

internal fun FfiWhereabouts.toKotlin(): Whereabouts =
    when (this) {
        FfiWhereabouts.NO_RECORD -> Whereabouts.NO_RECORD
        FfiWhereabouts.PRESENT -> Whereabouts.PRESENT
        FfiWhereabouts.TELEWORK -> Whereabouts.TELEWORK
        FfiWhereabouts.AWAY -> Whereabouts.AWAY
        FfiWhereabouts.DISPLACED -> Whereabouts.DISPLACED
        FfiWhereabouts.UNKNOWN -> Whereabouts.UNKNOWN
    }

internal fun FfiLogLevel.toKotlin(): LogLevel =
    when (this) {
        FfiLogLevel.ERROR -> LogLevel.ERROR
        FfiLogLevel.WARN -> LogLevel.WARN
        FfiLogLevel.INFO -> LogLevel.INFO
        FfiLogLevel.DEBUG -> LogLevel.DEBUG
    }

internal fun LogLevel.toRust(): FfiLogLevel =
    when (this) {
        LogLevel.ERROR -> FfiLogLevel.ERROR
        LogLevel.WARN -> FfiLogLevel.WARN
        LogLevel.INFO -> FfiLogLevel.INFO
        LogLevel.DEBUG -> FfiLogLevel.DEBUG
    }

internal fun FfiSyncEnd.toKotlin(): SyncEnd =
    when (this) {
        FfiSyncEnd.DONE -> SyncEnd.DONE
        FfiSyncEnd.OFFLINE -> SyncEnd.OFFLINE
        FfiSyncEnd.SIGN_IN_NEEDED -> SyncEnd.SIGN_IN_NEEDED
        FfiSyncEnd.ALREADY_RUNNING -> SyncEnd.ALREADY_RUNNING
        FfiSyncEnd.APP_TOO_OLD -> SyncEnd.APP_TOO_OLD
        FfiSyncEnd.CANCELLED -> SyncEnd.CANCELLED
        FfiSyncEnd.DEADLINE_REACHED -> SyncEnd.DEADLINE_REACHED
    }

internal fun FfiReminderKind.toKotlin(): ReminderKind =
    when (this) {
        FfiReminderKind.NO_RECORD -> ReminderKind.NO_RECORD
        FfiReminderKind.TELEWORK_END -> ReminderKind.TELEWORK_END
    }

internal fun FfiInputProblem.toKotlin(): InputProblem =
    when (this) {
        FfiInputProblem.FRAME -> InputProblem.FRAME
        FfiInputProblem.HOST -> InputProblem.HOST
        FfiInputProblem.LABEL -> InputProblem.LABEL
        FfiInputProblem.RECORD -> InputProblem.RECORD
        FfiInputProblem.FLOOR -> InputProblem.FLOOR
        FfiInputProblem.SERVER -> InputProblem.SERVER
        FfiInputProblem.ENROL_LINK -> InputProblem.ENROL_LINK
        FfiInputProblem.ENROL_CODE -> InputProblem.ENROL_CODE
        FfiInputProblem.DEVICE_NAME -> InputProblem.DEVICE_NAME
        FfiInputProblem.ROOT_CERTIFICATE -> InputProblem.ROOT_CERTIFICATE
        FfiInputProblem.TOO_LONG -> InputProblem.TOO_LONG
        FfiInputProblem.TIME -> InputProblem.TIME
        FfiInputProblem.NOT_MANAGED -> InputProblem.NOT_MANAGED
    }
