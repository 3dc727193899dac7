package io.millwright.drivers.host;

import io.millwright.drivers.host.DeviceCounters.Column;
import io.millwright.protocol.vocabulary.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Lines of {@code /proc/diskstats}: major, minor, name, then 11 numbers, 15 since Linux 4.18 and 17
 * since 5.5. Sectors are of 512 bytes whatever the disk's are.
 *
 * <p>Whole disks only: those in {@code /sys/block}, which lists no partitions; where that cannot be
 * seen, those whose name is not a partition's. No loop, RAM or floppy disks.
 */
final class DiskLines implements DeviceCounters.Layout {
  private static final int WORDS_BEFORE_NAME = 2;
  private static final int NUMBERS = 11;
  private static final int SECTORS_READ = 2;
  private static final int SECTORS_WRITTEN = 6;
  private static final int BUSY_MILLISECONDS = 9;
  private static final double SECTORS_PER_BYTE = 1.0 / 512;
  private static final Pattern NO_DISK = Pattern.compile("(loop|ram|fd)\\d+");
  private static final Pattern PARTITION =
      Pattern.compile("((s|h|v|xv)d[a-z]+|(nvme\\d+n|mmcblk|nbd|md)\\d+p)\\d+");

  private final Path block;

  DiskLines(Path root) {
    this.block = root.resolve("sys/block");
  }

  @Override
  public boolean toName(Text text) {
    return text.skipWords(WORDS_BEFORE_NAME) && text.word();
  }

  @Override
  public int numbers() {
    return NUMBERS;
  }

  @Override
  public List<Column> columns() {
    return List.of(
        new Column(Metric.NODE_DISK_READ_BYTES_TOTAL, SECTORS_READ, SECTORS_PER_BYTE, List.of()),
        new Column(
            Metric.NODE_DISK_WRITTEN_BYTES_TOTAL, SECTORS_WRITTEN, SECTORS_PER_BYTE, List.of()),
        new Column(Metric.NODE_DISK_IO_TIME_SECONDS_TOTAL, BUSY_MILLISECONDS, 1000, List.of()));
  }

  @Override
  public boolean shows(String name) {
    if (NO_DISK.matcher(name).matches()) {
      return false;
    }
    if (Files.isDirectory(block)) {
      return Files.exists(block.resolve(name.replace("/", "!")));
    }
    return !PARTITION.matcher(name).matches();
  }
}
