package io.pageferry.net;

class PlainConnectionTest extends ConnectionSuite {}
