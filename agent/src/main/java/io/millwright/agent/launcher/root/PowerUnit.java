package io.millwright.agent.launcher.root;

import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** The program as a unit of systemd's, which alone has the rights to call the driver. */
record PowerUnit(JobUnits units) implements PowerProgram {
  private static final String UNIT = "millwright-power.service";
  private static final Path EVENTS = Path.of("/sys/fs/cgroup/system.slice", UNIT, "cgroup.events");

  @Override
  public boolean busy() throws IOException {
    try {
      return units.ask(systemd -> systemd.find(UNIT)).filter(UnitRow::alive).isPresent()
          || inhabited();
    } catch (SystemdException trouble) {
      throw new IOException(String.valueOf(trouble.getMessage()), trouble);
    }
  }

  /** A unit that was stopped in vain is "failed", and its process may still be in the driver. */
  private static boolean inhabited() throws IOException {
    return Files.exists(EVENTS) && Files.readString(EVENTS).contains("populated 1");
  }

  @Override
  public boolean run(Duration longest) throws IOException {
    try {
      String result = units.start(UNIT, longest);
      if (!result.equals("done")) {
        throw new IOException(
            "%s ended as '%s'; journalctl -u %s says why".formatted(UNIT, result, UNIT));
      }
      return true;
    } catch (TimeoutException hangs) {
      return false;
    } catch (SystemdException trouble) {
      throw new IOException(String.valueOf(trouble.getMessage()), trouble);
    }
  }
}
