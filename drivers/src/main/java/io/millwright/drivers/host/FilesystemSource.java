package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.drivers.host.binding.Statvfs;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Size and free space of mounted file systems, read at {@link Cadence#MEDIUM} by statvfs: all local
 * ones together, or one remote one, whose server may be gone.
 *
 * <p>A call that hangs holds the lane. {@code responsive} is 1 here when statvfs returned; that it
 * has not is for the lane to say, which knows the call as {@code statvfs <mount point>} and finds
 * the series in {@link #readings()}{@code .table()}, that of a remote mount from the beginning on.
 *
 * <p><i>Threading:</i> one owner, the lane. <i>Failure:</i> a file system that answers with an
 * error makes its own values unavailable. The source of a remote mount that is no longer mounted
 * has lost its device; it comes back with the mount.
 */
public final class FilesystemSource implements Source {
  private static final int SERIES_OF_A_MOUNT = 5;
  private static final int SIZE = 0;
  private static final int AVAILABLE = 1;
  private static final int READONLY = 2;
  private static final int RESPONSIVE = 3;
  private static final int INODES = 4;

  private static final List<Metric> FAMILIES =
      List.of(
          Metric.NODE_FILESYSTEM_SIZE_BYTES,
          Metric.NODE_FILESYSTEM_AVAILABLE_BYTES,
          Metric.NODE_FILESYSTEM_READONLY,
          Metric.NODE_FILESYSTEM_RESPONSIVE,
          Metric.NODE_FILESYSTEM_INODES_FREE_RATIO);

  private final String node;
  private final MountTable table;
  private final String prefix;
  private final CallWatch watch;
  private final Function<Mounts, List<Mount>> choice;
  private final boolean fixed;
  private List<Mount> mounts;
  private final Drops drops;
  private final Statvfs statvfs = new Statvfs();
  private Readings readings;
  private int dropped;

  private FilesystemSource(
      String node,
      Path root,
      CallWatch watch,
      Function<Mounts, List<Mount>> choice,
      List<Mount> fixed) {
    this.node = node;
    this.table = new MountTable(root);
    this.prefix = root.getNameCount() == 0 ? "" : root.toString();
    this.watch = watch;
    this.choice = choice;
    this.fixed = !fixed.isEmpty();
    this.mounts = fixed;
    this.drops = new Drops(node, Cadence.MEDIUM);
    this.readings = declared();
  }

  /**
   * All local file systems, whichever are mounted at the time.
   *
   * @param node value of the label {@code node}
   * @param root where {@code proc} and the mount points are, {@code /} but in tests
   * @param wanted which of them; the site may leave some out
   */
  public static FilesystemSource local(
      String node, Path root, CallWatch watch, Predicate<Mount> wanted) {
    return new FilesystemSource(
        node, root, watch, mounted -> mounted.local().stream().filter(wanted).toList(), List.of());
  }

  /** This one remote file system, as long as it is mounted. */
  public static FilesystemSource remote(String node, Mount mount, Path root, CallWatch watch) {
    return new FilesystemSource(
        node,
        root,
        watch,
        mounted -> mounted.remote().stream().filter(mount::sameAs).toList(),
        List.of(mount));
  }

  private Readings declared() {
    SeriesTable.Builder table = SeriesTable.builder();
    for (Mount mount : mounts) {
      String[] labels = {node, mount.mountPoint(), mount.device(), mount.type()};
      table.add(Cadence.MEDIUM, Series.of(Metric.NODE_FILESYSTEM_SIZE_BYTES, labels));
      table.add(Cadence.MEDIUM, Series.of(Metric.NODE_FILESYSTEM_AVAILABLE_BYTES, labels));
      table.add(Cadence.MEDIUM, Series.of(Metric.NODE_FILESYSTEM_READONLY, labels));
      table.add(
          Cadence.MEDIUM,
          Series.of(Metric.NODE_FILESYSTEM_RESPONSIVE, node, mount.mountPoint(), mount.type()));
      table.add(Cadence.MEDIUM, Series.of(Metric.NODE_FILESYSTEM_INODES_FREE_RATIO, labels));
    }
    drops.declare(table);
    return new Readings(table.build());
  }

  /** The readings; of the local file systems others after one was mounted or unmounted. */
  @Override
  public Readings readings() {
    return readings;
  }

  /** The file systems that were asked last. */
  public List<Mount> mounts() {
    return mounts;
  }

  @Override
  public boolean reads(Cadence cadence) {
    return cadence == Cadence.MEDIUM;
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    if (cadence != Cadence.MEDIUM) {
      return Outcome.ANSWERED;
    }
    return switch (table.read()) {
      case Mounts.Result.Known(Mounts mounted) -> readMounted(mounted, nowNanos);
      case Mounts.Result.Unknown(Fault fault) -> {
        readings.at(nowNanos);
        allUnavailable(fault);
        yield Outcome.FAILED;
      }
    };
  }

  private Outcome readMounted(Mounts mounted, long nowNanos) {
    tellDropped(mounted.dropped());
    List<Mount> chosen = choice.apply(mounted);
    if (fixed && chosen.isEmpty()) {
      readings.at(nowNanos);
      allUnavailable(Fault.DEVICE_LOST);
      return Outcome.DEVICE_LOST;
    }
    boolean changed = !same(chosen, mounts) || drops.load();
    mounts = chosen;
    readings = changed ? declared() : readings;
    readings.at(nowNanos);
    drops.write(readings);
    return readAll();
  }

  /** File systems of this node, local or not, that nobody watches: there are more than 64. */
  private void tellDropped(int beyond) {
    if (!fixed && beyond > dropped) {
      for (Metric family : FAMILIES) {
        drops.add(family, beyond - dropped);
      }
    }
    dropped = beyond;
  }

  private static boolean same(List<Mount> left, List<Mount> right) {
    boolean same = left.size() == right.size();
    for (int i = 0; same && i < left.size(); i++) {
      same = left.get(i).sameAs(right.get(i));
    }
    return same;
  }

  private void allUnavailable(Fault fault) {
    for (int i = 0; i < readings.table().size(); i++) {
      readings.unavailable(i, fault);
    }
    drops.write(readings);
  }

  private Outcome readAll() {
    boolean answered = mounts.isEmpty();
    for (int i = 0; i < mounts.size(); i++) {
      answered |= read(mounts.get(i), i * SERIES_OF_A_MOUNT);
    }
    return answered ? Outcome.ANSWERED : Outcome.FAILED;
  }

  private boolean read(Mount mount, int first) {
    readings.measured(first + READONLY, mount.readOnly() ? 1 : 0);
    return switch (asked(mount)) {
      case Capacity.Known(long size, long available) -> {
        readings.measured(first + SIZE, (double) size);
        readings.measured(first + AVAILABLE, (double) available);
        readings.measured(first + RESPONSIVE, 1);
        inodes(mount, first + INODES);
        yield true;
      }
      case Capacity.Unknown(Fault fault) -> {
        readings.unavailable(first + SIZE, fault);
        readings.unavailable(first + AVAILABLE, fault);
        readings.unavailable(first + RESPONSIVE, fault);
        readings.unavailable(first + INODES, fault);
        yield false;
      }
    };
  }

  private void inodes(Mount mount, int index) {
    String call = call(mount);
    watch.entered(call);
    boolean answered = statvfs.call(prefix + mount.mountPoint());
    watch.returned(call, answered ? 0 : -1);
    if (!answered) {
      readings.unavailable(index, Fault.OTHER);
    } else if (statvfs.inodes() <= 0) {
      readings.unsupported(index);
    } else {
      readings.measured(index, (double) statvfs.freeInodes() / (double) statvfs.inodes());
    }
  }

  private static String call(Mount mount) {
    return "statvfs " + mount.mountPoint();
  }

  private Capacity asked(Mount mount) {
    String call = call(mount);
    watch.entered(call);
    Capacity capacity = Capacity.of(prefix + mount.mountPoint());
    watch.returned(call, capacity instanceof Capacity.Known ? 0 : -1);
    return capacity;
  }

  @Override
  public void close() {}
}
