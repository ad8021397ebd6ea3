// The one activity: shows the screen in front, and hands on what the system says.

package dev.kokoni.app

import android.Manifest
import android.app.Activity
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.PackageManager
import android.net.ConnectivityManager
import android.net.Network
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.WindowInsets
import android.widget.FrameLayout
import dev.kokoni.app.enrol.EnrolScreen
import dev.kokoni.app.floors.FloorScreen
import dev.kokoni.app.floors.FloorsScreen
import dev.kokoni.app.people.PeopleScreen
import dev.kokoni.app.platform.Api30
import dev.kokoni.app.platform.Api33
import dev.kokoni.app.platform.Back33
import dev.kokoni.app.scan.CardMemory
import dev.kokoni.app.scan.ScanScreen
import dev.kokoni.app.scan.TypingScreen
import dev.kokoni.app.settings.SettingsScreen
import dev.kokoni.app.today.TodayScreen
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.text
import dev.kokoni.core.LabelId
import dev.kokoni.core.Via
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.launch

/** What the person sees. Everything worth keeping is in [Session] or in the core. */
class MainActivity : Activity() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    internal lateinit var session: Session
        private set
    private lateinit var frame: FrameLayout
    private var back: Back33? = null
    private var screen: ScreenView? = null
    private var screenScope: CoroutineScope? = null
    private var running: Job? = null
    private var started: Job? = null

    override fun attachBaseContext(base: Context) {
        super.attachBaseContext(Settings(base).speaking(base))
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val kept = lastNonConfigurationInstance as Session?
        session = kept ?: Session(applicationContext, kokoniApp.shell)
        session.shown(afterTurn = kept != null)
        session.speakAnew = { recreate() }
        if (kept == null) restore(savedInstanceState)
        frame = FrameLayout(this)
        setContentView(frame)
        edgeToEdge()
        if (Build.VERSION.SDK_INT >= 33) back = Back33(this) { session.back() }
        session.speak(resources.coreLanguage)
        scope.launch {
            combine(session.front, session.stack, session.renewed) { front, stack, renewed -> Triple(front, stack, renewed) }
                .distinctUntilChanged()
                .collect { (front, stack, _) -> show(front, stack) }
        }
        if (kept == null && savedInstanceState == null) session.opened(intent)
    }

    private fun restore(saved: Bundle?) {
        val label = saved?.getString(CARD_LABEL)
        val via = Via.entries.firstOrNull { it.name == saved?.getString(CARD_VIA) }
        val memory = if (label != null && via != null) CardMemory(LabelId(label), via) else null
        session.restore(saved?.getStringArrayList(STACK).orEmpty(), memory)
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putStringArrayList(STACK, session.stack.value.saved())
        session.scanner?.memory()?.let {
            outState.putString(CARD_LABEL, it.label.text)
            outState.putString(CARD_VIA, it.via.name)
        }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        session.opened(intent)
    }

    override fun onStart() {
        super.onStart()
        listen()
        started = scope.launch { session.inFront() }
        run()
    }

    override fun onStop() {
        session.turning = isChangingConfigurations
        running?.cancel()
        running = null
        started?.cancel()
        started = null
        session.left()
        deaf()
        super.onStop()
    }

    @Deprecated("the system's word for what outlives a turn")
    override fun onRetainNonConfigurationInstance(): Any = session

    override fun onDestroy() {
        scope.cancel()
        screenScope?.cancel()
        if (!isChangingConfigurations) session.end()
        super.onDestroy()
    }

    @Deprecated("for systems before 13; newer ones call Back33")
    override fun onBackPressed() {
        if (session.stack.value.canGoBack) {
            session.back()
        } else {
            @Suppress("DEPRECATION")
            super.onBackPressed()
        }
    }

    override fun onRequestPermissionsResult(
        requestCode: Int,
        permissions: Array<out String>,
        grantResults: IntArray,
    ) {
        super.onRequestPermissionsResult(requestCode, permissions, grantResults)
        session.answered += permissions
        session.refresh()
    }

    private fun askFor(permission: String) = requestPermissions(arrayOf(permission), 0)

    /** The system no longer asks after a second no; then its settings are the way. */
    private fun wouldAsk(permission: String): Boolean = permission !in session.answered || shouldShowRequestPermissionRationale(permission)

    private fun show(
        front: Front,
        stack: BackStack,
    ) {
        screenScope?.cancel()
        running?.cancel()
        screen = null
        frame.removeAllViews()
        if (Build.VERSION.SDK_INT >= 33) back?.stays(stack.canGoBack)
        when (front) {
            Front.Opening -> frame.addView(sentence(getString(R.string.loading)))
            is Front.Failed -> frame.addView(sentence(front.words))
            is Front.Ready -> show(front, stack.top)
        }
        run()
    }

    private fun show(
        front: Front.Ready,
        destination: Destination,
    ) {
        val stageScope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
        screenScope = stageScope
        val stage = Stage(this, session, front.kokoni, stageScope, ::askFor, ::wouldAsk)
        val new =
            when (destination) {
                Destination.Scan -> ScanScreen(stage, front.scanner)
                Destination.Typing -> TypingScreen(stage)
                Destination.Today -> TodayScreen(stage)
                Destination.People -> PeopleScreen(stage)
                Destination.Floors -> FloorsScreen(stage)
                is Destination.Floor -> FloorScreen(stage, destination.floor)
                is Destination.Enrol -> EnrolScreen(stage, front.enroller)
                Destination.Settings -> SettingsScreen(stage, front.leaver)
            }
        screen = new
        frame.addView(new.root)
        if (destination == Destination.Scan) askForMissing()
    }

    /** Once, where they are needed: to read labels, and to remind of them. */
    private fun askForMissing() {
        val wanted = if (Build.VERSION.SDK_INT >= 33) listOf(Manifest.permission.CAMERA, Manifest.permission.POST_NOTIFICATIONS) else listOf(Manifest.permission.CAMERA)
        val missing = wanted.filter { checkSelfPermission(it) != PackageManager.PERMISSION_GRANTED && it !in session.asked }
        session.asked += missing
        if (missing.isNotEmpty()) requestPermissions(missing.toTypedArray(), 0)
    }

    /** The screen in front runs while the activity is in front. */
    private fun run() {
        val now = screen ?: return
        if (started == null) return
        running?.cancel()
        running = scope.launch { now.run() }
    }

    private fun sentence(words: String): View =
        text(TextRole.BODY, words).apply {
            val space = pixels(R.dimen.space)
            setPadding(space, space, space, space)
        }

    /** Draws behind the bars, and keeps what is to be read and tapped out from under them. */
    private fun edgeToEdge() {
        if (Build.VERSION.SDK_INT >= 30) Api30.drawBehindBars(window)
        frame.setOnApplyWindowInsetsListener { view, insets ->
            view.padFor(insets)
            insets
        }
    }

    private fun View.padFor(insets: WindowInsets) {
        if (Build.VERSION.SDK_INT >= 30) {
            val covered = Api30.covered(insets)
            setPadding(covered.left, covered.top, covered.right, covered.bottom)
        } else {
            @Suppress("DEPRECATION")
            setPadding(insets.systemWindowInsetLeft, insets.systemWindowInsetTop, insets.systemWindowInsetRight, insets.systemWindowInsetBottom)
        }
    }

    private val restrictions =
        object : BroadcastReceiver() {
            override fun onReceive(
                context: Context,
                intent: Intent,
            ) {
                scope.launch { session.shell.configure() }
            }
        }

    private val network =
        object : ConnectivityManager.NetworkCallback() {
            override fun onAvailable(network: Network) {
                frame.post { session.networkIsBack() }
            }
        }

    private fun listen() {
        val filter = IntentFilter(Intent.ACTION_APPLICATION_RESTRICTIONS_CHANGED)
        if (Build.VERSION.SDK_INT >= 33) {
            Api33.register(this, restrictions, filter)
        } else {
            registerReceiver(restrictions, filter)
        }
        getSystemService(ConnectivityManager::class.java).registerDefaultNetworkCallback(network)
    }

    private fun deaf() {
        unregisterReceiver(restrictions)
        getSystemService(ConnectivityManager::class.java).unregisterNetworkCallback(network)
    }

    private companion object {
        const val STACK = "stack"
        const val CARD_LABEL = "card_label"
        const val CARD_VIA = "card_via"
    }
}
