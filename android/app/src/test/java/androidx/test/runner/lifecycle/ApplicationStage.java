// Stands in for androidx.test:monitor, which only Google's repository has. Robolectric names it.
package androidx.test.runner.lifecycle;

public enum ApplicationStage {
    PRE_ON_CREATE,
    CREATED
}
