"""Pages as markdown, for agents: the content of a rendered page, without what surrounds it.

What is content is found here, not by a library. On the pages of `tests/markdown`, of which each word is known to be
content or navigation, trafilatura 2.3 keeps 98 % of the content and at most 5 % of the navigation on 10 of 44 pages,
and on 12 where it favours recall; readability-lxml 0.9 on 8, html-to-markdown 3.21 with its strictest preset on 5,
markdownify 1.2 on none. The first two look for one article and lose listings, prices, tables and second articles;
the last two do not look for content. On a list of products of 100 kB the first two and markdownify take four to nine
times the CPU that all of it takes here.

Writing is done here, too. html-to-markdown alone is quick, at two thirds of that time, but wants the content as HTML
again, to be parsed once more; it makes one line of text of a card that is a link, so that its heading is lost, and
leaves stars in text as they are, which then mean something.
"""
