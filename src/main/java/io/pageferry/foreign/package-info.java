/**
 * Functions of native libraries, as method handles of the Foreign Function API.
 *
 * <p>What it says of a function is what its header says: whoever calls one with something else ends the process. So
 * each caller keeps its functions to itself, and gives the others a method that checks what it is given.
 *
 * <p>Any room may import this one. It starts no thread, and everything in it is for any.
 */
package io.pageferry.foreign;
