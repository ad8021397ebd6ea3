// Stands in for androidx.test:monitor, which only Google's repository has. Robolectric names it.
package androidx.test.internal.runner.lifecycle;

import android.app.Activity;
import androidx.test.runner.lifecycle.ActivityLifecycleCallback;
import androidx.test.runner.lifecycle.ActivityLifecycleMonitor;
import androidx.test.runner.lifecycle.Stage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

public final class ActivityLifecycleMonitorImpl implements ActivityLifecycleMonitor {
    private final Map<Activity, Stage> stages = new WeakHashMap<>();
    private final List<ActivityLifecycleCallback> callbacks = new CopyOnWriteArrayList<>();

    @Override
    public void addLifecycleCallback(ActivityLifecycleCallback callback) {
        callbacks.add(callback);
    }

    @Override
    public void removeLifecycleCallback(ActivityLifecycleCallback callback) {
        callbacks.remove(callback);
    }

    @Override
    public synchronized Stage getLifecycleStageOf(Activity activity) {
        Stage stage = stages.get(activity);
        if (stage == null) throw new IllegalArgumentException("unknown activity: " + activity);
        return stage;
    }

    @Override
    public synchronized Collection<Activity> getActivitiesInStage(Stage wanted) {
        List<Activity> found = new ArrayList<>();
        stages.forEach((activity, stage) -> {
            if (stage == wanted) found.add(activity);
        });
        return found;
    }

    public void signalLifecycleChange(Stage stage, Activity activity) {
        synchronized (this) {
            stages.put(activity, stage);
        }
        callbacks.forEach(callback -> callback.onActivityLifecycleChanged(activity, stage));
    }
}
