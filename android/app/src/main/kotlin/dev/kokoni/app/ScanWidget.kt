// The widget of the home screen: one tap to the camera, another to one's day.

package dev.kokoni.app

import android.app.PendingIntent
import android.appwidget.AppWidgetManager
import android.appwidget.AppWidgetProvider
import android.content.Context
import android.content.Intent
import android.widget.RemoteViews

/** Has no state of its own: it only opens the app. */
class ScanWidget : AppWidgetProvider() {
    override fun onUpdate(
        context: Context,
        appWidgetManager: AppWidgetManager,
        appWidgetIds: IntArray,
    ) = appWidgetManager.updateAppWidget(appWidgetIds, viewsOf(context))

    internal companion object {
        fun viewsOf(context: Context): RemoteViews =
            RemoteViews(context.packageName, R.layout.scan_widget).apply {
                setOnClickPendingIntent(R.id.widget_scan, opening(context, Session.ACTION_SCAN))
                setOnClickPendingIntent(R.id.widget_today, opening(context, Session.ACTION_TODAY))
            }

        private fun opening(
            context: Context,
            action: String,
        ): PendingIntent = PendingIntent.getActivity(context, 0, Intent(context, MainActivity::class.java).setAction(action), PendingIntent.FLAG_IMMUTABLE)
    }
}
