package io.millwright.collector.store;

/** That the conformance suite can be passed by more than one implementation. */
class MemoryStoreTest extends StateStoreConformance {
  private final MemoryStore.Disk disk = new MemoryStore.Disk();

  @Override
  protected StateStore open() {
    return MemoryStore.open(disk);
  }
}
