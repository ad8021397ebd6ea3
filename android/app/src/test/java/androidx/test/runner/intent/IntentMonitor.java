// Stands in for androidx.test:monitor, which only Google's repository has. Robolectric names it.
package androidx.test.runner.intent;

public interface IntentMonitor {
    void addIntentCallback(IntentCallback callback);

    void removeIntentCallback(IntentCallback callback);
}
