package io.millwright.agent;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP. The JDK has no public door to signals; the one of {@code jdk.unsupported} is reached by
 * reflection because the compiler refuses to be quiet about it.
 */
final class HangUp {
  private static final Logger LOG = LoggerFactory.getLogger(HangUp.class);

  private HangUp() {}

  /** Runs the action on each SIGHUP, one after the other, on the JVM's signal thread. */
  static void onSignal(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object handle =
          Proxy.newProxyInstance(
              HangUp.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> invoked(method, action));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), handle);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      LOG.warn("SIGHUP does not reload the configuration here", e);
    }
  }

  private static Object invoked(Method method, Runnable action) {
    if (method.getName().equals("handle")) {
      action.run();
    }
    return method.getName().equals("hashCode") ? 0 : false;
  }
}
