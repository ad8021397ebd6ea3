// Stands in for androidx.test:monitor, which only Google's repository has. Robolectric names it.
package androidx.test.platform.app;

import android.app.Instrumentation;
import android.os.Bundle;

public final class InstrumentationRegistry {
    private static volatile Instrumentation instance;
    private static volatile Bundle arguments = new Bundle();

    private InstrumentationRegistry() {}

    public static Instrumentation getInstrumentation() {
        if (instance == null) throw new IllegalStateException("no instrumentation registered");
        return instance;
    }

    public static void registerInstance(Instrumentation instrumentation, Bundle given) {
        instance = instrumentation;
        arguments = given;
    }

    public static Bundle getArguments() {
        return new Bundle(arguments);
    }
}
