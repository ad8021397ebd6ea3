// Stands in for androidx.test:monitor, which only Google's repository has. Robolectric names it.
package androidx.test.runner.lifecycle;

public interface ApplicationLifecycleMonitor {
    void addLifecycleCallback(ApplicationLifecycleCallback callback);

    void removeLifecycleCallback(ApplicationLifecycleCallback callback);
}
