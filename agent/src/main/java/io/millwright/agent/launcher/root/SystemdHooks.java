package io.millwright.agent.launcher.root;

import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import java.io.IOException;
import java.util.Map;

/** Hooks as transient units of systemd. */
record SystemdHooks(JobUnits units) implements HookUnits {

  @Override
  public void begin(HookProperties hook) throws IOException {
    try {
      units.ask(systemd -> {
        systemd.start(hook.unit(), hook.properties(), Map.of());
        return hook;
      });
    } catch (SystemdException trouble) {
      throw new IOException(String.valueOf(trouble.getMessage()), trouble);
    }
  }

  @Override
  public boolean alive(String unit) throws IOException {
    try {
      return units.ask(systemd -> systemd.find(unit)).filter(UnitRow::alive).isPresent();
    } catch (SystemdException trouble) {
      throw new IOException(String.valueOf(trouble.getMessage()), trouble);
    }
  }
}
