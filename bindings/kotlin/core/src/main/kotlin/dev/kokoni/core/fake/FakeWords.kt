// What the fake says; the real core has its own, better words.

package dev.kokoni.core.fake

import dev.kokoni.core.ScanMeaning
import dev.kokoni.core.Words

internal object FakeWords {
    val alreadyHere = Words("すでに着席しています", "You are here already")
    val notEnrolled = Words("この端末はまだ登録されていません。", "This phone is not enrolled yet.")
    val codeNotValid = Words("このコードは使えません。", "This code cannot be used.")
    val closed = Words("すでに閉じられています。", "It has been closed already.")
    val noSuchRecord = Words("その記録はありません。", "There is no such record.")
    val notManaged = Words("この端末は管理されていません。", "This device is not managed.")
    val offline = Words("サーバーに接続できません。", "The server cannot be reached.")
    val savedOffline = Words("オフラインのため端末に保存しました。", "Saved on this phone, as it is offline.")
    val undone = Words("取り消しました", "Taken back")
    val tooLate = Words("取り消せる時間を過ぎました", "It is too late to take it back")
    val resent = Words("もう一度送ります", "It will be sent again")
    val noRecord = Words("記録なし", "No record")
    val sent = Words("送信済み", "Sent")
    val contents = Words("ロッカーの中身", "In the locker")
    val free = Words("貸出可", "Free to borrow")
    val freeSeat = Words("空席", "Free")
    val badCode = Words("コードに誤りがあります。", "Something in the code is wrong.")
    val askOffice = Words("庶務にお尋ねください。", "Ask your office.")

    fun foreign(text: String) = Words("ココニのラベルではありません: $text", "Not a label of Kokoni: $text")

    fun enrolAt(host: String) = Words("この端末を $host に登録します。", "This phone will be enrolled at $host.")

    fun lentTo(name: String) = Words("$name に貸出中", "Lent to $name")

    fun waiting(count: Int) = Words("未送信 ${count}件", "$count waiting")

    fun place(target: FakeTarget?): Words =
        when (target) {
            is FakeTarget.Seat -> Words("${FakeOffice.FLOOR_NAME.japanese} ${target.name}", "${FakeOffice.FLOOR_NAME.english} ${target.name}")
            is FakeTarget.Home -> Words("自宅", "home")
            is FakeTarget.Item -> Words(target.name, target.name)
            is FakeTarget.Exit -> Words("庁舎", "the building")
            is FakeTarget.Locker -> Words("ロッカー", "the locker")
            null -> Words("未登録のラベル", "an unknown label")
        }

    /** What would be done: a button, a line of the queue. */
    fun intent(
        meaning: ScanMeaning,
        target: FakeTarget?,
    ): Words {
        val (ja, en) = place(target)
        return when (meaning) {
            ScanMeaning.SIT -> Words("$ja に着席", "Sit at $en")
            ScanMeaning.LEAVE -> Words("$ja から退席", "Leave $en")
            ScanMeaning.TELEWORK -> Words("テレワークを開始", "Start telework")
            ScanMeaning.END_TELEWORK -> Words("テレワークを終了", "End telework")
            ScanMeaning.BORROW -> Words("$ja を借りる", "Borrow $en")
            ScanMeaning.GIVE_BACK -> Words("$ja を返す", "Return $en")
            ScanMeaning.UNDECIDED -> Words("$ja を記録", "Record $en")
        }
    }

    /** What was done. */
    fun done(
        meaning: ScanMeaning,
        target: FakeTarget?,
    ): Words {
        val (ja, en) = place(target)
        return when (meaning) {
            ScanMeaning.SIT -> Words("$ja に着席しました", "You sit at $en")
            ScanMeaning.LEAVE -> Words("$ja から退席しました", "You left $en")
            ScanMeaning.TELEWORK -> Words("テレワークを開始しました", "Telework has begun")
            ScanMeaning.END_TELEWORK -> Words("テレワークを終了しました", "Telework has ended")
            ScanMeaning.BORROW -> Words("$ja を借りました", "You borrowed $en")
            ScanMeaning.GIVE_BACK -> Words("$ja を返しました", "You returned $en")
            ScanMeaning.UNDECIDED -> Words("$ja を記録しました", "You recorded $en")
        }
    }
}
