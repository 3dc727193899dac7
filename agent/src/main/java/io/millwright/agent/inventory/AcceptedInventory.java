package io.millwright.agent.inventory;

import io.millwright.protocol.bodies.Capability;
import io.millwright.protocol.bodies.InventoryBody;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was last accepted of this node's equipment, and how many accelerators are expected by it.
 *
 * <p>It stands over restarts, and while the collector is away, until the collector tells another.
 * It counts once the machine is known to be the one that was accepted.
 *
 * <p><i>Lifecycle:</i> {@link #start} once, before anything is told; nothing is to be closed.
 * <i>Threading:</i> {@link #turn} on the lane {@code upkeep}; {@link #told} and {@link #expected}
 * from any thread, neither waits. <i>Failure:</i> what cannot be understood or kept is a warning;
 * the node is watched all the same.
 */
public final class AcceptedInventory {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptedInventory.class);
  private static final Standing NOTHING = new Standing(InventoryBody.NONE, false);

  private final InventoryFile file;
  private final Supplier<NodeSnapshot> newest;
  private final AtomicReference<@Nullable InventoryBody> told = new AtomicReference<>();
  private volatile Standing standing = NOTHING;
  private boolean unwritten;

  /**
   * What counts now.
   *
   * @param ours whether this machine was seen to be the one of the inventory
   */
  private record Standing(InventoryBody inventory, boolean ours) {}

  /**
   * @param directory that keeps it
   * @param newest snapshot, which shows the devices and the chassis
   */
  public AcceptedInventory(Path directory, Supplier<NodeSnapshot> newest) {
    this.file = new InventoryFile(directory);
    this.newest = newest;
  }

  /** Reads what was kept. */
  public void start() {
    InventoryBody kept = file.read();
    if (!kept.devices().isEmpty()) {
      standing = new Standing(kept, false);
      LOG.info("an accepted inventory is kept accelerators={}", kept.devices().size());
    }
  }

  /** The words of HELLO. */
  public List<String> capabilities() {
    return List.of(Capability.INVENTORY);
  }

  /** Takes what the collector of the session tells; the newest counts. */
  public void told(Frame.Inventory frame) {
    try {
      told.set(InventoryBody.of(frame.body().toByteArray()));
    } catch (JsonMistake mistake) {
      LOG.warn(
          "the collector told an accepted inventory that is none, and the one of before stands: {}",
          mistake.getMessage());
    }
  }

  /** Keeps what was told, and looks whether this is the machine that was accepted. */
  public void turn() {
    InventoryBody next = told.getAndSet(null);
    if (next != null && !next.equals(standing.inventory())) {
      standing = new Standing(next, Machine.has(newest.get(), next));
      unwritten = true;
      LOG.info("the collector told what is accepted accelerators={}", next.devices().size());
    }
    unwritten = unwritten && !file.keep(standing.inventory());
    if (!standing.ours() && Machine.has(newest.get(), standing.inventory())) {
      standing = new Standing(standing.inventory(), true);
      LOG.info("this is the machine that was accepted");
    }
  }

  /** How many of this vendor's accelerators were accepted; empty where it is not known. */
  public OptionalInt expected(String vendor) {
    Standing now = standing;
    if (!now.ours()) {
      return OptionalInt.empty();
    }
    int accepted = 0;
    for (InventoryBody.Device device : now.inventory().devices()) {
      accepted += device.vendor().equals(vendor) ? 1 : 0;
    }
    return accepted == 0 ? OptionalInt.empty() : OptionalInt.of(accepted);
  }
}
