// Stands in for androidx.test:monitor, which only Google's repository has. Robolectric names it.
package androidx.test.runner.lifecycle;

import android.app.Application;

public interface ApplicationLifecycleCallback {
    void onApplicationLifecycleChanged(Application application, ApplicationStage stage);
}
