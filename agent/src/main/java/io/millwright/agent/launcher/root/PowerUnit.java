package io.millwright.agent.launcher.root;

import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** The program as a unit of systemd's, which alone has the rights to call the driver. */
record PowerUnit(JobUnits units) implements PowerProgram {
  private static final String UNIT = "millwright-power.service";

  @Override
  public boolean busy() throws IOException {
    try {
      return units.ask(systemd -> systemd.find(UNIT)).filter(UnitRow::alive).isPresent();
    } catch (SystemdException trouble) {
      throw new IOException(String.valueOf(trouble.getMessage()), trouble);
    }
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
