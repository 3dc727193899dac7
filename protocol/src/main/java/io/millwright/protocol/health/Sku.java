package io.millwright.protocol.health;

/**
 * What a machine has when it is whole.
 *
 * @param product the name of its DMI table, or what that begins with before a space or a dash
 * @param source where the facts are from
 */
public record Sku(String product, int accelerators, String source) {

  boolean names(String machine) {
    return machine.equals(product)
        || machine.startsWith(product + " ")
        || machine.startsWith(product + "-");
  }
}
