// Stands in for androidx.test:monitor, which only Google's repository has. Robolectric names it.
package androidx.test.runner.intent;

import android.content.Intent;

public interface IntentCallback {
    void onIntentSent(Intent intent);
}
