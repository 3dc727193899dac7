package io.millwright.drivers.host;

import io.millwright.drivers.host.Mounts.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The mount table as one source reads it: again and again, and mostly without a change. A node full
 * of containers has hundreds of mounts, so a table that is as before is not parsed again.
 */
final class MountTable {
  private final Path root;
  private byte[] content = {};
  private Mounts mounts = Mounts.parse(content);

  MountTable(Path root) {
    this.root = root;
  }

  Result read() {
    try {
      byte[] now = Mounts.content(root);
      mounts = Arrays.equals(now, content) ? mounts : Mounts.parse(now);
      content = now;
      return new Result.Known(mounts);
    } catch (IOException failure) {
      return new Result.Unknown(Faults.of(failure));
    }
  }
}
