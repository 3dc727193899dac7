package io.millwright.protocol.health;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * The machines of which it is certain what they have, from {@code skus.tsv}. Of every other one
 * nothing is expected: that too few are there is then said of nobody. Immutable.
 */
public final class SkuTable {
  private static final String TABLE = "skus.tsv";
  private static final int COLUMNS = 3;

  private final List<Sku> products;

  private SkuTable(List<Sku> products) {
    this.products = List.copyOf(products);
  }

  /** The packaged products. */
  public static SkuTable load() {
    return of(Tables.lines(TABLE));
  }

  static SkuTable of(List<String> lines) {
    List<Sku> products = new ArrayList<>();
    for (String[] row : Tables.rows(TABLE, lines, COLUMNS)) {
      products.add(new Sku(row[0], Integer.parseInt(row[1]), row[2]));
    }
    return new SkuTable(products);
  }

  /** The accelerators of the machine with this product name in its DMI table. */
  public OptionalInt accelerators(String machine) {
    return products.stream()
        .filter(one -> one.names(machine))
        .max(Comparator.comparingInt(one -> one.product().length()))
        .map(one -> OptionalInt.of(one.accelerators()))
        .orElse(OptionalInt.empty());
  }

  /** All of them, in the order of the table. */
  public List<Sku> all() {
    return products;
  }
}
