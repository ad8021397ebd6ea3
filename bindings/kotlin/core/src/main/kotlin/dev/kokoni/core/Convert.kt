// The generated types and ours: one function a type, nothing decided here.

package dev.kokoni.core

import dev.kokoni.core.ffi.ItemLine as FfiItemLine
import java.time.LocalDate
import java.time.LocalDateTime
import java.time.ZoneId
import dev.kokoni.core.ffi.Chip as FfiChip
import dev.kokoni.core.ffi.CodeContent as FfiCodeContent
import dev.kokoni.core.ffi.CodeReading as FfiCodeReading
import dev.kokoni.core.ffi.Configured as FfiConfigured
import dev.kokoni.core.ffi.Enrolment as FfiEnrolment
import dev.kokoni.core.ffi.FloorLine as FfiFloorLine
import dev.kokoni.core.ffi.FloorView as FfiFloorView
import dev.kokoni.core.ffi.FrameReading as FfiFrameReading
import dev.kokoni.core.ffi.LoanLine as FfiLoanLine
import dev.kokoni.core.ffi.OpenConfig as FfiOpenConfig
import dev.kokoni.core.ffi.PersonLine as FfiPersonLine
import dev.kokoni.core.ffi.ReaderConfig as FfiReaderConfig
import dev.kokoni.core.ffi.RejectedLine as FfiRejectedLine
import dev.kokoni.core.ffi.ReminderPlan as FfiReminderPlan
import dev.kokoni.core.ffi.Route as FfiRoute
import dev.kokoni.core.ffi.ScanCard as FfiScanCard
import dev.kokoni.core.ffi.SeatView as FfiSeatView
import dev.kokoni.core.ffi.StayLine as FfiStayLine
import dev.kokoni.core.ffi.SyncOutcome as FfiSyncOutcome
import dev.kokoni.core.ffi.SyncStatus as FfiSyncStatus
import dev.kokoni.core.ffi.TodayView as FfiTodayView
import dev.kokoni.core.ffi.TypedCode as FfiTypedCode
import dev.kokoni.core.ffi.WaitingLine as FfiWaitingLine

internal fun KokoniConfig.toRust() =
    FfiOpenConfig(
        folder = folder.toString(),
        appVersion = appVersion,
        language = language.toRust(),
        platform = platform.toRust(),
        deviceName = deviceName,
        managed = managed,
    )

internal fun ReaderConfig.toRust() = FfiReaderConfig(host = host, labels = labels.map { it.text }, budget = budget)

internal fun FfiEnrolment.toKotlin() =
    Enrolment(
        organisation = organisation,
        organisationName = organisationName,
        person = PersonId(person),
        personName = personName,
        device = device,
        server = server,
        labelHost = labelHost,
    )

internal fun FfiConfigured.toKotlin() =
    Configured(
        canEnrol = canEnrol,
        restartNeeded = restartNeeded,
        feedback = feedback.map { SettingFeedback(it.key, it.problem, it.text) },
    )

internal fun FfiFrameReading.toKotlin() =
    FrameReading(
        readings = readings.map { it.toKotlin() },
        news = news?.let(::LabelId),
        foreign = foreign,
        hint = hint?.toKotlin(),
        repeated = repeated,
    )

private fun FfiCodeReading.toKotlin() =
    CodeReading(
        content = content.toKotlin(),
        corners = corners.map { Corner(it.x, it.y) },
        method = method.toKotlin(),
    )

private fun FfiCodeContent.toKotlin(): CodeContent =
    when (this) {
        is FfiCodeContent.Label -> CodeContent.Label(LabelId(label), known)
        is FfiCodeContent.Foreign -> CodeContent.Foreign(text)
        is FfiCodeContent.Unreadable -> CodeContent.Unreadable
    }

internal fun FfiScanCard.toKotlin() =
    ScanCard(
        tone = tone.toKotlin(),
        title = title,
        detail = detail,
        label = label?.let(::LabelId),
        meaning = meaning?.toKotlin(),
        confirm = confirm,
        record = record?.let(::RecordId),
        undoUntil = undoUntil,
        items = items.map { it.toKotlin() },
    )

private fun FfiItemLine.toKotlin() = ItemLine(ItemId(item), name, text, lent)

internal fun FfiTypedCode.toKotlin() = TypedCode(label?.let(::LabelId), shown, problem, complete)

internal fun FfiRoute.toKotlin(): Route =
    when (this) {
        is FfiRoute.Label -> Route.Label(LabelId(label))
        is FfiRoute.Enrol -> Route.Enrol(link)
        is FfiRoute.SignIn -> Route.SignIn(link)
        is FfiRoute.OtherOrganisation -> Route.OtherOrganisation(host)
        is FfiRoute.Unknown -> Route.Unknown
    }

internal fun FfiChip.toKotlin() =
    Chip(
        text = text,
        place = place,
        waitingText = waitingText,
        waiting = waiting,
        rejected = rejected,
        tone = tone.toKotlin(),
        spoken = spoken,
    )

internal fun FfiTodayView.toKotlin() =
    Today(
        date = LocalDate.parse(date),
        dateText = dateText,
        whereabouts = whereabouts.toKotlin(),
        headline = headline,
        since = since,
        sinceText = sinceText,
        notice = notice,
        stays = stays.map { it.toKotlin() },
        loans = loans.map { it.toKotlin() },
        waiting = waiting.map { it.toKotlin() },
        rejected = rejected.map { it.toKotlin() },
        syncText = syncText,
    )

private fun FfiStayLine.toKotlin() = Stay(PlaceId(place), since, until, text, telework)

internal fun FfiLoanLine.toKotlin() = Loan(ItemId(item), name, since, due, text, overdue)

internal fun FfiWaitingLine.toKotlin() = WaitingRecord(RecordId(record), title, recordedAt, text)

internal fun FfiRejectedLine.toKotlin() =
    RejectedRecord(
        record = RecordId(record),
        title = title,
        recordedAt = recordedAt,
        why = why,
        advice = advice,
        canResend = canResend,
    )

internal fun FfiPersonLine.toKotlin() =
    Person(
        person = PersonId(person),
        name = name,
        kana = kana,
        section = section,
        extension = extension,
        dial = dial,
        whereabouts = whereabouts.toKotlin(),
        whereText = whereText,
        floor = floor?.let(::FloorId),
        place = place?.let(::PlaceId),
    )

internal fun FfiFloorLine.toKotlin() = Floor(FloorId(floor), name, seats, mine)

internal fun FfiFloorView.toKotlin() =
    FloorPlan(
        floor = FloorId(floor),
        name = name,
        summary = summary,
        free = free,
        taken = taken,
        left = left,
        top = top,
        width = width,
        height = height,
        seats = seats.map { it.toKotlin() },
    )

private fun FfiSeatView.toKotlin() =
    Seat(
        place = PlaceId(place),
        name = name,
        x = x,
        y = y,
        room = room,
        taken = taken,
        mine = mine,
        text = text,
        spoken = spoken,
    )

internal fun FfiSyncStatus.toKotlin() =
    SyncStatus(
        waiting = waiting,
        rejected = rejected,
        lastSuccess = lastSuccess,
        text = text,
        tone = tone.toKotlin(),
        needsEnrolment = needsEnrolment,
        needsUpdate = needsUpdate,
    )

internal fun FfiSyncOutcome.toKotlin() =
    SyncOutcome(
        end = end.toKotlin(),
        sent = sent,
        applied = applied,
        rejected = rejected,
        waiting = waiting,
        retryAfter = retryAfter,
        text = text,
    )

internal fun FfiReminderPlan.toKotlin() =
    ReminderPlan(
        id = id,
        at = at,
        local = LocalDateTime.parse(local),
        zone = ZoneId.of(zone),
        title = title,
        body = body,
        kind = kind.toKotlin(),
    )
